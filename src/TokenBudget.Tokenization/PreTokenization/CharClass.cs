namespace TokenBudget.Tokenization;

/// <summary>What the splitting patterns ask of a character. No flag at all means a symbol, punctuation, control or unassigned.</summary>
/// <remarks>The values are stored in <c>Data/unicode_classes.bin</c>.</remarks>
[Flags]
internal enum CharClass : byte
{
    Symbol = 0,

    /// <summary>Lu and Lt.</summary>
    Upper = 1,

    /// <summary>Ll.</summary>
    Lower = 2,

    /// <summary>Lm and Lo: letters without case, which the o200k pattern takes for either.</summary>
    Caseless = 4,

    /// <summary>Mn, Mc and Me.</summary>
    Mark = 8,

    /// <summary>Nd, Nl and No.</summary>
    Number = 16,

    /// <summary>White_Space, as <c>\s</c> means it; the line ends among them carry <see cref="NewLine"/> too.</summary>
    Space = 32,

    /// <summary>CR and LF only.</summary>
    NewLine = 64,

    Letter = Upper | Lower | Caseless,

    /// <summary>The o200k pattern's first half of a word: <c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c>.</summary>
    WordHead = Upper | Caseless | Mark,

    /// <summary>The o200k pattern's second half of a word: <c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c>.</summary>
    WordTail = Lower | Caseless | Mark,

    /// <summary>What may stand in either half.</summary>
    WordEither = WordHead & WordTail,

    /// <summary>What <c>[^\r\n\p{L}\p{N}]</c> leaves out.</summary>
    NoPrefix = NewLine | Letter | Number,

    /// <summary>What <c>[^\s\p{L}\p{N}]</c> leaves out.</summary>
    NoPunctuation = Space | Letter | Number,
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TokenBudget.Tokenization.Tests;

/// <summary>A tokenizer that shares nothing with the library but the tokens' bytes: the published pattern as a regular expression, and merging by definition.</summary>
/// <remarks>
/// .NET's Regex sees UTF-16 units, so the pattern is not run on the text but on a text of equal meaning that has one unit a code point:
/// an astral character is replaced by one of the same category from the basic plane, a lone surrogate by U+FFFD.
/// </remarks>
internal sealed class ReferenceTokenizer
{
    // Case is spelled out: .NET folds otherwise than Rust, where the long s is an s.
    private const string Contraction = "(?:'[sS\u017F]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";

    private static readonly Regex O200k = new(
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + Contraction
        + @"?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + Contraction
        + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant);

    private static readonly Regex Cl100k = new(
        Contraction + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant);

    private readonly Regex _pattern;
    private readonly Dictionary<string, int> _ranks;

    public ReferenceTokenizer(string encoding)
    {
        _pattern = encoding == Encodings.O200k ? O200k : Cl100k;
        var vocabulary = Tokenizer.ForEncoding(encoding).Vocabulary;
        var tokens = SharedData.Exists
            ? DataFiles.ReadRanks(encoding)
            : Enumerable.Range(0, vocabulary.Count).Select(id => VocabularyBytes.Of(vocabulary, id));
        _ranks = tokens.Select((token, rank) => (token, rank)).ToDictionary(entry => entry.token, entry => entry.rank, StringComparer.Ordinal);
    }

    public List<int> Encode(string text) =>
    [
        .. from piece in Split(text)
           from part in ReferenceMerge.Merge(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(piece)), _ranks)
           select _ranks[part],
    ];

    public int CountPiece(string piece) => ReferenceMerge.Merge(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(piece)), _ranks).Count;

    public List<string> Split(string text)
    {
        var standIns = new StringBuilder();
        var starts = new List<int>();
        var at = 0;
        while (at < text.Length)
        {
            starts.Add(at);
            if (Rune.TryGetRuneAt(text, at, out var rune))
                at += rune.Utf16SequenceLength;
            else
                (rune, at) = (Rune.ReplacementChar, at + 1);
            standIns.Append(rune.IsBmp ? (char)rune.Value : StandIn(Rune.GetUnicodeCategory(rune)));
        }

        starts.Add(at);
        return [.. _pattern.Matches(standIns.ToString()).Select(match => text[starts[match.Index]..starts[match.Index + match.Length]])];
    }

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u00C0',
        UnicodeCategory.LowercaseLetter => '\u00E0',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u05D0',
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => '\u0301',
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '\u00B2',
        _ => '\u00A7',
    };
}

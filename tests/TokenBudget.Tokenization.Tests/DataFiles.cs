using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TokenBudget.Tokenization.Tests;

/// <summary>Makes the files of <c>src/TokenBudget.Tokenization/Data</c>.</summary>
/// <remarks>
/// To write them anew: <c>TOKENBUDGET_WRITE_DATA=1 dotnet test tests/TokenBudget.Tokenization.Tests --filter DataFilesTests</c>, then build again,
/// because the library embeds them.
/// </remarks>
internal static class DataFiles
{
    /// <summary>Whether the tests should write the files before they look at them.</summary>
    public static bool WriteAsked => Environment.GetEnvironmentVariable("TOKENBUDGET_WRITE_DATA") == "1";

    public static string PathOf(string file) => Repository.PathOf("src/TokenBudget.Tokenization/Data/" + file);

    /// <summary>The content of a vocabulary file; its form is described at <see cref="Vocabulary"/>.</summary>
    public static byte[] Vocabulary(string encoding)
    {
        var tokens = ReadRanks(encoding);
        var ranks = new Dictionary<string, int>(tokens.Length, StringComparer.Ordinal);
        for (var rank = 0; rank < tokens.Length; rank++)
            ranks.Add(tokens[rank], rank);

        var joins = tokens.Length - 256;
        var unsafePairs = UnsafePairs(tokens);
        const int header = 12 + 256;
        var file = new byte[header + 6 * joins + unsafePairs.Count];
        BitConverter.TryWriteBytes(file, tokens.Length);
        BitConverter.TryWriteBytes(file.AsSpan(4), tokens.Max(token => token.Length));
        BitConverter.TryWriteBytes(file.AsSpan(8), unsafePairs.Count / 2);
        for (var id = 0; id < 256; id++)
            file[12 + id] = (byte)tokens[id].ShouldHaveSingleItem();

        for (var join = 0; join < joins; join++)
        {
            var (left, right) = LastJoin(tokens[256 + join], ranks);
            for (var plane = 0; plane < 3; plane++)
            {
                file[header + plane * joins + join] = (byte)(left >> 8 * plane);
                file[header + (3 + plane) * joins + join] = (byte)(right >> 8 * plane);
            }
        }

        unsafePairs.CopyTo(file, header + 6 * joins);
        return file;
    }

    /// <summary>The bytes of every token as Latin-1 characters, by rank, from the table as published.</summary>
    public static string[] ReadRanks(string encoding)
    {
        var source = File.ReadAllBytes(Encodings.SourceOf(encoding));
        Convert.ToHexStringLower(SHA256.HashData(source)).ShouldBe(Encodings.Sha256Of(encoding));

        var lines = Encoding.ASCII.GetString(source).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var tokens = new string[lines.Length];
        foreach (var line in lines)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            tokens[int.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture)] = Encoding.Latin1.GetString(Convert.FromBase64String(line[..space]));
        }

        tokens.ShouldAllBe(token => token != null, "ranks have no gaps");
        return tokens;
    }

    /// <summary>The content of the class table; its form is described at <see cref="CharClasses"/>.</summary>
    public static byte[] UnicodeClasses()
    {
        const int size = 1 << CharClasses.BlockBits;
        var index = new byte[2 * CharClasses.BlockCount];
        var blocks = new List<byte>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var block = 0; block < CharClasses.BlockCount; block++)
        {
            var classes = Enumerable.Range(block * size, size).Select(codePoint => (byte)ClassOf(codePoint)).ToArray();
            var key = Convert.ToHexString(classes);
            if (!known.TryGetValue(key, out var number))
            {
                known.Add(key, number = known.Count);
                blocks.AddRange(classes);
            }

            index[2 * block] = (byte)number;
            index[2 * block + 1] = (byte)(number >> 8);
        }

        return [.. index, .. blocks];
    }

    /// <summary>The class of a code point by this framework's Unicode tables.</summary>
    public static CharClass ClassOf(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharClass.Upper,
        UnicodeCategory.LowercaseLetter => CharClass.Lower,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharClass.Caseless,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharClass.Mark,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharClass.Number,
        _ when codePoint is '\r' or '\n' => CharClass.Space | CharClass.NewLine,
        _ when codePoint <= char.MaxValue && char.IsWhiteSpace((char)codePoint) => CharClass.Space,
        _ => CharClass.Symbol,
    };

    /// <summary>Every two bytes around a boundary of characters inside a token that holds some character only in part; two bytes a pair, in order.</summary>
    private static List<byte> UnsafePairs(IEnumerable<string> tokens)
    {
        var pairs = new SortedSet<(byte, byte)>();
        foreach (var token in tokens)
            if (IsContinuation(token[0]) || EndsWithin(token))
                for (var i = 1; i < token.Length; i++)
                    if (!IsContinuation(token[i]))
                        pairs.Add(((byte)token[i - 1], (byte)token[i]));
        return [.. pairs.SelectMany(pair => (byte[])[pair.Item1, pair.Item2])];

        static bool IsContinuation(char value) => value is >= '\x80' and < '\xC0';

        static bool EndsWithin(string token)
        {
            var lead = token.Length - 1;
            while (lead > 0 && IsContinuation(token[lead]))
                lead--;
            var whole = token[lead] switch { < '\xC0' => 1, < '\xE0' => 2, < '\xF0' => 3, _ => 4 };
            return token.Length - lead < whole;
        }
    }

    /// <summary>Merges a token's own bytes until two parts are left: the join that makes it.</summary>
    private static (int Left, int Right) LastJoin(string token, Dictionary<string, int> ranks)
    {
        var parts = ReferenceMerge.Merge(token, ranks, below: ranks[token]);
        parts.Count.ShouldBe(2, $"rank {ranks[token]} is not the join of two smaller ranks");
        return (ranks[parts[0]], ranks[parts[1]]);
    }
}

using System.Globalization;
using System.IO.Compression;
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

    /// <summary>The inflated content of a vocabulary file; its form is described at <see cref="Vocabulary"/>.</summary>
    public static byte[] Vocabulary(string encoding)
    {
        var tokens = ReadRanks(encoding);
        var ranks = new Dictionary<string, int>(tokens.Length, StringComparer.Ordinal);
        for (var rank = 0; rank < tokens.Length; rank++)
            ranks.Add(tokens[rank], rank);

        var joins = tokens.Length - 256;
        var file = new byte[4 + 256 + 6 * joins];
        BitConverter.TryWriteBytes(file, tokens.Length);
        for (var id = 0; id < 256; id++)
            file[4 + id] = (byte)tokens[id].ShouldHaveSingleItem();

        for (var join = 0; join < joins; join++)
        {
            var (left, right) = LastJoin(tokens[256 + join], ranks);
            for (var plane = 0; plane < 3; plane++)
            {
                file[260 + plane * joins + join] = (byte)(left >> 8 * plane);
                file[260 + (3 + plane) * joins + join] = (byte)(right >> 8 * plane);
            }
        }

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

    /// <summary>The inflated content of the class table; its form is described at <see cref="CharClasses"/>.</summary>
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

    public static byte[] Deflate(byte[] content)
    {
        using var deflated = new MemoryStream();
        using (var deflater = new DeflateStream(deflated, CompressionLevel.SmallestSize))
            deflater.Write(content);
        return deflated.ToArray();
    }

    /// <summary>Merges a token's own bytes until two parts are left: the join that makes it.</summary>
    private static (int Left, int Right) LastJoin(string token, Dictionary<string, int> ranks)
    {
        var parts = ReferenceMerge.Merge(token, ranks, below: ranks[token]);
        parts.Count.ShouldBe(2, $"rank {ranks[token]} is not the join of two smaller ranks");
        return (ranks[parts[0]], ranks[parts[1]]);
    }
}

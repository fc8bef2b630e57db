using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using TokenBudget.Tokenization;

namespace TokenBudget.Benchmarks.Tokenization;

/// <summary>The yardstick: the published pattern as a compiled <see cref="Regex"/>, and merging by a dictionary of byte strings, as most tokenizers do it.</summary>
/// <remarks>Plain, not careless: nothing is allocated per piece but the key on a miss, and each pair is looked up once. It does not remember pieces.</remarks>
internal sealed class RegexTokenizer
{
    private const string O200k =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private readonly Regex _pattern = new(O200k, RegexOptions.Compiled | RegexOptions.CultureInvariant);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ranks;
    private byte[] _bytes = new byte[1024];
    private char[] _characters = new char[1024];
    private readonly List<int> _starts = [];
    private readonly List<int> _pairs = [];

    public RegexTokenizer()
    {
        var vocabulary = Tokenizer.ForEncoding("o200k_base").Vocabulary;
        var ranks = new Dictionary<string, int>(vocabulary.Count, StringComparer.Ordinal);
        var bytes = new byte[vocabulary.LongestToken];
        for (var id = 0; id < vocabulary.Count; id++)
            ranks.Add(Encoding.Latin1.GetString(bytes, 0, vocabulary.CopyBytes(id, bytes, 0)), id);
        _ranks = ranks.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int CountTokens(string text)
    {
        var count = 0;
        foreach (var piece in _pattern.EnumerateMatches(text))
            count += Count(text.AsSpan(piece.Index, piece.Length));
        return count;
    }

    private int Count(ReadOnlySpan<char> piece)
    {
        if (_bytes.Length < 3 * piece.Length)
        {
            _bytes = new byte[3 * piece.Length];
            _characters = new char[3 * piece.Length];
        }

        var count = Encoding.UTF8.GetBytes(piece, _bytes);
        Encoding.Latin1.GetChars(_bytes.AsSpan(0, count), _characters);
        var characters = _characters.AsSpan(0, count);
        if (_ranks.ContainsKey(characters))
            return 1;

        CollectionsMarshal.SetCount(_starts, count + 1);
        CollectionsMarshal.SetCount(_pairs, count - 1);
        for (var i = 0; i <= count; i++)
            _starts[i] = i;
        for (var i = 0; i < count - 1; i++)
            _pairs[i] = Rank(characters, i);
        while (_pairs.Count > 0)
        {
            var best = 0;
            for (var i = 1; i < _pairs.Count; i++)
                if (_pairs[i] < _pairs[best])
                    best = i;
            if (_pairs[best] == int.MaxValue)
                break;
            _starts.RemoveAt(best + 1);
            _pairs.RemoveAt(best);
            if (best < _pairs.Count)
                _pairs[best] = Rank(characters, best);
            if (best > 0)
                _pairs[best - 1] = Rank(characters, best - 1);
        }

        return _starts.Count - 1;
    }

    private int Rank(ReadOnlySpan<char> characters, int pair) =>
        _ranks.TryGetValue(characters[_starts[pair].._starts[pair + 2]], out var rank) ? rank : int.MaxValue;
}

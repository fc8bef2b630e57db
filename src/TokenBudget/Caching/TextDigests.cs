using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Unicode;

namespace TokenBudget.Caching;

/// <summary>
/// SHA-256 of long texts, remembered for as long as somebody else keeps the string: of a history only what is new is hashed. Thread-safe; keeps nothing alive.
/// </summary>
internal sealed class TextDigests
{
    private readonly ConditionalWeakTable<string, StrongBox<CacheKey>> _digests = [];

    public CacheKey Of(string text)
    {
        if (_digests.TryGetValue(text, out var known))
            return known.Value;
        var digest = Compute(text);
        _digests.AddOrUpdate(text, new StrongBox<CacheKey>(digest));
        return digest;
    }

    /// <summary>Of the text as UTF-8; with lone surrogates, which UTF-8 would confuse with others, of its UTF-16 behind a byte that UTF-8 never has.</summary>
    public static CacheKey Compute(ReadOnlySpan<char> text)
    {
        var most = Math.Max(text.Length * 3, 1 + (text.Length * sizeof(char)));
        var buffer = ArrayPool<byte>.Shared.Rent(most);
        if (Utf8.FromUtf16(text, buffer, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            buffer[0] = 0xFF;
            MemoryMarshal.AsBytes(text).CopyTo(buffer.AsSpan(1));
            written = 1 + (text.Length * sizeof(char));
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.AsSpan(0, written), digest);
        // It held the text of prompts, and the pool hands it to anybody.
        buffer.AsSpan(0, most).Clear();
        ArrayPool<byte>.Shared.Return(buffer);
        return new CacheKey(digest);
    }
}

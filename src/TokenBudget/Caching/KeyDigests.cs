namespace TokenBudget.Caching;

/// <summary>
/// The SHA-256 digests of bytes seen before, found by the bytes' fingerprints: of a repeated request nothing is hashed again, and of a history only what is new. Keeps
/// no text. Thread-safe and bounded: of two digests for one slot the newer stays.
/// </summary>
internal sealed class KeyDigests
{
    // With a full table 0.8 MB: of a history of 100,000 characters about ten.
    private const int Slots = 8192;

    private readonly FingerprintHash _hash = new();
    private readonly Known?[] _known = new Known?[Slots];

    /// <summary>Whether the bytes' digest is known.</summary>
    /// <param name="bytes">The bytes; more than <see cref="FingerprintHash.MaxLength"/> are never known.</param>
    /// <param name="use">What the digest stands for.</param>
    /// <param name="fingerprint">What to keep the digest under.</param>
    /// <param name="digest">The digest, if known.</param>
    public bool TryFind(ReadOnlySpan<byte> bytes, DigestUse use, out Fingerprint fingerprint, out CacheKey digest)
    {
        fingerprint = FingerprintHash.IsSupported && bytes.Length <= FingerprintHash.MaxLength ? _hash.Of(bytes, use) : default;
        if (Volatile.Read(ref _known[fingerprint.Slot % Slots]) is { } known && known.Fingerprint.Equals(fingerprint))
        {
            digest = known.Digest;
            return true;
        }

        digest = default;
        return false;
    }

    /// <summary>Remembers a digest.</summary>
    public void Keep(in Fingerprint fingerprint, in CacheKey digest)
    {
        if (!fingerprint.IsNone)
            Volatile.Write(ref _known[fingerprint.Slot % Slots], new Known(fingerprint, digest));
    }

    private sealed class Known(in Fingerprint fingerprint, in CacheKey digest)
    {
        public readonly Fingerprint Fingerprint = fingerprint;
        public readonly CacheKey Digest = digest;
    }
}

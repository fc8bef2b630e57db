using TokenBudget.Caching;

namespace TokenBudget.Tests.Caching;

/// <summary>That different texts do not collide is a proof; what is tested is that every bit of a text takes part.</summary>
public sealed class FingerprintHashTests
{
    private static readonly int[] Lengths = [0, 1, 8, 15, 16, 17, 63, 64, 65, 127, 128, 200, 1_000, FingerprintHash.MaxLength - 1, FingerprintHash.MaxLength];

    [Fact]
    public void Equal_bytes_have_equal_fingerprints_and_every_change_another()
    {
        if (!FingerprintHash.IsSupported)
            return;
        var random = new Random(1);
        var hash = new FingerprintHash();
        foreach (var length in Lengths)
        {
            var bytes = new byte[length];
            // Zeros as well: what is padded must not be what was there.
            if (length % 2 == 1)
                random.NextBytes(bytes);
            var print = hash.Of(bytes, DigestUse.Page);
            hash.Of([.. bytes], DigestUse.Page).ShouldBe(print);
            hash.Of(bytes, DigestUse.Json).ShouldNotBe(print);
            new FingerprintHash().Of(bytes, DigestUse.Page).Equals(print).ShouldBe(length == 0);
            if (length < FingerprintHash.MaxLength)
                hash.Of([.. bytes, 0], DigestUse.Page).ShouldNotBe(print);
            for (var i = 0; i < length; i += 1 + (length / 300))
            {
                var bit = (byte)(1 << random.Next(8));
                bytes[i] ^= bit;
                hash.Of(bytes, DigestUse.Page).ShouldNotBe(print, $"byte {i} of {length}");
                bytes[i] ^= bit;
            }
        }

        Should.Throw<ArgumentOutOfRangeException>(() => hash.Of(new byte[FingerprintHash.MaxLength + 1], DigestUse.Page));
    }
}

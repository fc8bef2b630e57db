using System.Globalization;
using System.Text.Json;

namespace TokenBudget.Benchmarks.Ratios;

/// <summary>One measured pair: nanoseconds of one job, the best of several interleaved rounds, and the bytes it allocates.</summary>
internal sealed record RatioResult(RatioPair Pair, double Ours, double Theirs, long Bytes, long TheirBytes)
{
    public double Ratio => Ours / Theirs;

    public string ToJson() => JsonSerializer.Serialize(new
    {
        name = Pair.Name,
        ratio = Math.Round(Ratio, 4),
        goal = Pair.Goal,
        peer = Pair.Peer,
        unit = "ns",
        ours = Math.Round(Ours, 1),
        theirs = Math.Round(Theirs, 1),
        bytes = Bytes,
        theirBytes = TheirBytes,
    });

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Pair.Name}: {Ratio:0.00} of {Pair.Peer} (goal {Pair.Goal:0.00}); {Ours:N0} ns against {Theirs:N0} ns, {Bytes:N0} bytes against {TheirBytes:N0}");
}

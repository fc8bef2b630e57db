using System.Collections;
using System.Runtime.CompilerServices;

namespace TokenBudget.Configuration;

/// <summary>Limits in US dollars that hold side by side, at most one for each scope and period. Immutable; equal by content.</summary>
[CollectionBuilder(typeof(CostLimits), nameof(Of))]
public sealed class CostLimits : IReadOnlyList<CostLimit>, IEquatable<CostLimits>
{
    private readonly CostLimit[] _limits;

    private CostLimits(CostLimit[] limits) => _limits = limits;

    /// <summary>No limits.</summary>
    public static CostLimits None { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _limits.Length;

    /// <inheritdoc/>
    public CostLimit this[int index] => _limits[index];

    /// <summary>Some limits; of two for the same scope and period the first counts.</summary>
    /// <param name="limits">The limits.</param>
    public static CostLimits Of(ReadOnlySpan<CostLimit> limits) =>
        limits.IsEmpty ? None : new([.. limits.ToArray().DistinctBy(static limit => (limit.Per, limit.Period))]);

    /// <summary>These limits and, for scopes and periods they do not speak of, the lower ones.</summary>
    /// <param name="lower">The limits with less authority.</param>
    public CostLimits Over(CostLimits lower)
    {
        ArgumentNullException.ThrowIfNull(lower);
        return lower.Count == 0 ? this : Of([.. _limits, .. lower._limits]);
    }

    /// <inheritdoc/>
    public bool Equals(CostLimits? other) => other is not null && _limits.AsSpan().SequenceEqual(other._limits);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CostLimits);

    /// <inheritdoc/>
    public override int GetHashCode() => _limits.Aggregate(0, static (hash, limit) => HashCode.Combine(hash, limit));

    /// <inheritdoc/>
    public IEnumerator<CostLimit> GetEnumerator() => ((IEnumerable<CostLimit>)_limits).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _limits.GetEnumerator();

    /// <summary>The limits, joined by commas.</summary>
    public override string ToString() => string.Join(", ", (IEnumerable<CostLimit>)_limits);
}

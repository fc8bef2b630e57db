using System.Collections.Immutable;

namespace TokenBudget.Generators.Collections;

/// <summary>Arrays of the same elements are the same; at once when they are one array.</summary>
internal sealed class SequenceComparer<T> : IEqualityComparer<ImmutableArray<T>>
{
    public static readonly SequenceComparer<T> Instance = new();

    public bool Equals(ImmutableArray<T> x, ImmutableArray<T> y) => x == y || x.SequenceEqual(y);

    public int GetHashCode(ImmutableArray<T> items) => items.Length;
}

using System.Runtime.CompilerServices;

namespace TokenBudget.Generators.Collections;

/// <summary>Tells objects apart by what they are, not by what they say.</summary>
internal sealed class ReferenceComparer<T> : IEqualityComparer<T>
    where T : class
{
    public static readonly ReferenceComparer<T> Instance = new();

    public bool Equals(T? x, T? y) => ReferenceEquals(x, y);

    public int GetHashCode(T item) => RuntimeHelpers.GetHashCode(item);
}

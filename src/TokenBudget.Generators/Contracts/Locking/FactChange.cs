namespace TokenBudget.Generators.Contracts.Locking;

/// <summary>A fact that two contracts say differently.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">What it was; null, nothing was said.</param>
/// <param name="After">What it is; null, nothing is said.</param>
internal readonly record struct FactChange(string Name, string? Before, string? After)
{
    public override string ToString() => $"{Name} {Before ?? "none"} → {After ?? "none"}";
}

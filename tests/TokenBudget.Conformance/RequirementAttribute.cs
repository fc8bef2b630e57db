namespace TokenBudget.Conformance;

/// <summary>On a test class: what its tests need and may be missing. They are skipped then, with the reason printed.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class RequirementAttribute : Attribute
{
    /// <summary>What to install; <see langword="null"/> when nothing is missing.</summary>
    public abstract string? Missing { get; }
}

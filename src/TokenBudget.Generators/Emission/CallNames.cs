namespace TokenBudget.Generators.Emission;

/// <summary>The names one method's call adds to the class.</summary>
/// <param name="Field">The field of the bound method.</param>
/// <param name="Policy">The field of its policy.</param>
/// <param name="Reply">The field of its reply format, where it has its own.</param>
internal sealed record CallNames(string Field, string Policy, string Reply);

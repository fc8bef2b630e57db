namespace TokenBudget.Generators.Emission;

/// <summary>The names a type of tools adds to the class.</summary>
/// <param name="Method">The method that makes its tools.</param>
/// <param name="Parameter">The constructor's parameter for its instance, escaped.</param>
/// <param name="Local">The constructor's local for its tools.</param>
internal sealed record ToolNames(string Method, string Parameter, string Local);

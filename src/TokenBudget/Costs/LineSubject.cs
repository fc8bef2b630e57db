namespace TokenBudget.Costs;

/// <summary>What every line about a request says, whatever becomes of it.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Method">Its method.</param>
/// <param name="Model">The model.</param>
/// <param name="Tenant">For whom, if the call says it.</param>
internal readonly record struct LineSubject(string Agent, string Method, string Model, string? Tenant);

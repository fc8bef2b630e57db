namespace TokenBudget.Counting;

/// <summary>What was learned of one model as one agent uses it.</summary>
/// <param name="Model">The model's id, in lower case.</param>
/// <param name="Scope">The agent: what a request carries unseen is the same for all requests of one. Empty for none.</param>
/// <param name="Ratio">Provider tokens per token of ours, 0.7 to 2.5.</param>
/// <param name="Constant">Provider tokens every request has besides what is counted, −32,768 to 65,536.</param>
/// <param name="Samples">The requests it was learned from, 0 or more.</param>
public sealed record CalibrationState(string Model, string Scope, double Ratio, double Constant, int Samples);

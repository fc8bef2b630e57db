namespace TokenBudget.Testing;

/// <summary>How fast traffic may grow: the providers document that sharp rises are refused, not where the line is, so the figures are yours.</summary>
/// <param name="MaxGrowth">Tokens of the last 60 s may be so many times those of the 60 s before. Above 0; 1.5 is a rise by half.</param>
/// <param name="FreeTokens">So many tokens in 60 s are always allowed, or nobody could begin. At least as large as your largest request.</param>
public sealed record SimulatedAcceleration(double MaxGrowth, long FreeTokens);

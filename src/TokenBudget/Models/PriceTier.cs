namespace TokenBudget.Models;

/// <summary>Rates of a whole request whose input is larger than a threshold.</summary>
/// <param name="AboveInputTokens">The threshold: the tier applies to requests with more input tokens than this, cache reads and writes included.</param>
/// <param name="Rates">The rates, for every token of such a request.</param>
public sealed record PriceTier(long AboveInputTokens, TokenRates Rates);

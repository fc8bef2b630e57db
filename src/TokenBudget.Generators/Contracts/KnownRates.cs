namespace TokenBudget.Generators.Contracts;

/// <summary>The dearest price of a token, in pico-dollars, in requests above a size: what is written to the provider's prompt cache costs more than what is fresh.</summary>
/// <param name="AboveInputTokens">The size; 0 for ordinary requests.</param>
/// <param name="Input">The dearest input token.</param>
/// <param name="Output">The dearest output token.</param>
internal readonly record struct KnownRates(decimal AboveInputTokens, decimal Input, decimal Output);

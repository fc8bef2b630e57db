namespace TokenBudget.Generators.Contracts;

/// <summary>What an ordinary request pays, in pico-dollars per token.</summary>
/// <param name="From">The day it holds from, as the catalogue writes it; null where it does not say.</param>
/// <param name="Input">A token of the request that the provider's cache does not have.</param>
/// <param name="Output">A token of the answer.</param>
internal readonly record struct KnownPrice(string? From, long Input, long Output);

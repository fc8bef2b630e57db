namespace TokenBudget.Testing;

/// <summary>One tool, system block or content block of a prompt, in the order in which the provider reads it.</summary>
/// <param name="PrefixTokens">Tokens of the prompt up to and including this part.</param>
/// <param name="PrefixHash">Hash of everything up to and including this part, cache markers left out.</param>
/// <param name="Lifetime">How long a cache entry that ends here lives; <see langword="null"/> when the part has no marker.</param>
internal readonly record struct PromptPart(int PrefixTokens, UInt128 PrefixHash, TimeSpan? Lifetime);

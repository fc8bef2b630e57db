namespace TokenBudget.Testing;

/// <summary>What a prompt finds in the cache, and where it wants to write.</summary>
/// <param name="Usage">The tokens by price.</param>
/// <param name="Reads">Stored prefixes that the prompt uses.</param>
/// <param name="Writes">Prefixes to store once the response begins.</param>
internal sealed record PromptCacheLookup(PromptUsage Usage, IReadOnlyList<PromptPart> Reads, IReadOnlyList<PromptPart> Writes);

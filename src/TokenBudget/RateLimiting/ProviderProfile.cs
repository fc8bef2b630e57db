namespace TokenBudget.RateLimiting;

/// <summary>How a provider counts requests towards its limits.</summary>
public sealed record ProviderProfile
{
    /// <summary>For providers nothing is known of: everything counts, the longest answer from admission on, until the answer tells.</summary>
    public static ProviderProfile Generic { get; } = new();

    /// <summary>Anthropic: what is read from the prompt cache does not count, <c>max_tokens</c> neither.</summary>
    /// <remarks>docs.anthropic.com, "Rate limits": ITPM leaves <c>cache_read_input_tokens</c> out; OTPM counts "only the actual tokens generated".</remarks>
    public static ProviderProfile Anthropic { get; } = new() { Name = "anthropic", CountsCachedInput = false, Output = OutputCharge.Produced };

    /// <summary>OpenAI: "the maximum of <c>max_tokens</c> and the estimated number of tokens", cached input counts, and nobody says that it is corrected afterwards.</summary>
    public static ProviderProfile OpenAI { get; } = new() { Name = "openai", Output = OutputCharge.LargerOfInputAndMaximum, CorrectsToUsage = false };

    /// <summary>Azure OpenAI: prompt and <c>max_tokens</c> are charged together; requests are held in shares of ten seconds.</summary>
    public static ProviderProfile AzureOpenAI { get; } = new() { Name = "azure", CorrectsToUsage = false, RequestBurst = TimeSpan.FromSeconds(10) };

    private static readonly ProviderProfile[] Known = [Anthropic, OpenAI, AzureOpenAI];

    /// <summary>The provider's name, in lower case.</summary>
    public string Name { get; init; } = "generic";

    /// <summary>Whether input read from the prompt cache counts.</summary>
    public bool CountsCachedInput { get; init; } = true;

    /// <summary>What is charged for output at admission.</summary>
    public OutputCharge Output { get; init; } = OutputCharge.Maximum;

    /// <summary>Whether the charge is replaced by what was used once the answer is there.</summary>
    public bool CorrectsToUsage { get; init; } = true;

    /// <summary>How much of a limit may be used at once, as the time in which it refills; one minute is all of it.</summary>
    public TimeSpan TokenBurst { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The same for requests: with one second, 60 requests per minute are one per second.</summary>
    public TimeSpan RequestBurst { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The profile of a provider as the catalogue names it; <see cref="Generic"/> for all others.</summary>
    /// <param name="provider">For example <c>anthropic</c>, <c>openai</c>, <c>azure</c>.</param>
    public static ProviderProfile For(string? provider) =>
        Array.Find(Known, profile => string.Equals(profile.Name, provider, StringComparison.OrdinalIgnoreCase)) ?? Generic;
}

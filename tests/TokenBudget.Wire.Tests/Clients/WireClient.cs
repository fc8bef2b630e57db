using TokenBudget.Testing;

namespace TokenBudget.Wire.Tests.Clients;

/// <summary>Who talks to the provider.</summary>
public enum WireClient
{
    /// <summary>Anthropic's official SDK.</summary>
    AnthropicSdk,

    /// <summary>A plain HTTP client that speaks Anthropic's Messages.</summary>
    AnthropicHttp,

    /// <summary>OpenAI's official SDK.</summary>
    OpenAISdk,

    /// <summary>A plain HTTP client that speaks OpenAI's Chat Completions.</summary>
    OpenAIHttp,
}

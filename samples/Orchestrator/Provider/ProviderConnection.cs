using Anthropic;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;
using Orchestrator.Agents;
using TokenBudget;
using TokenBudget.Retries;

namespace Orchestrator.Provider;

/// <summary>The official SDK, with the prompt cache marked in the same way for all three clients.</summary>
internal static class ProviderConnection
{
    /// <param name="baseAddress">Where the provider listens; <see langword="null"/>, the real service.</param>
    /// <param name="apiKey">The key.</param>
    public static IChatClient Open(Uri? baseAddress, string apiKey)
    {
        // Its own retries would multiply with ours, and hide from the comparison how often a client was refused.
        var client = baseAddress is null
            ? new AnthropicClient { ApiKey = apiKey, MaxRetries = 0, Handlers = [new RateLimitHeaderHandler()] }
            : new AnthropicClient { ApiKey = apiKey, MaxRetries = 0, Handlers = [new RateLimitHeaderHandler()], BaseUrl = baseAddress.AbsoluteUri.TrimEnd('/') };
        return client.AsIChatClient(Prompts.Model, Prompts.MaxOutputTokens).WithPromptCacheMarkers(static content => content.WithCacheControl(Ttl.Ttl5m));
    }
}

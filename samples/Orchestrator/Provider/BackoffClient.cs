using Anthropic.Exceptions;
using Microsoft.Extensions.AI;

namespace Orchestrator.Provider;

/// <summary>What most people put around a client that meets its rate limit: try again, each time twice as late.</summary>
internal sealed class BackoffClient(IChatClient innerClient, TimeProvider time) : DelegatingChatClient(innerClient)
{
    private const int Attempts = 10;

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await base.GetResponseAsync(messages, options, cancellationToken);
            }
            catch (AnthropicRateLimitException) when (attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, attempt))), time, cancellationToken);
            }
        }
    }
}

using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls.Field;

/// <summary>
/// What a team builds without us: one delegating client for each feature, in the order the guides advise. Each does what the mainstream's does, and no more; where its package cannot be
/// had (Microsoft.Extensions.AI itself) it is written from the published source. The window counts messages, not tokens; nothing is reserved, and a limit is only looked at before the call.
/// </summary>
internal static class FieldStack
{
    public static IChatClient Of(IChatClient client, bool isCached)
    {
        client = new CostLayer(client, limit: 100_000m);
        client = new RateLimitLayer(client, maxOutputTokens: 2_000);
        client = new ReducingLayer(client, new MessageCountReducer(target: 100));
        client = new TelemetryLayer(client);
        return isCached ? new CachingLayer(client, new ForgetfulStore()) : client;
    }

    public static Task<ChatResponse> AskAsync(IChatClient client, string text) => client.GetResponseAsync(
        [new ChatMessage(ChatRole.System, "Be brief."), new ChatMessage(ChatRole.User, $"Repeat: {text}")],
        new ChatOptions { ModelId = "gpt-4o", MaxOutputTokens = 2_000 });
}

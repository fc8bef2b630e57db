using Microsoft.Extensions.AI;
using TokenBudget.Caching;

namespace TokenBudget.AspNetCore.Tests;

/// <summary>Answers of two agents and two scopes.</summary>
internal static class CacheSeed
{
    public const int Count = 6;

    /// <summary>Three answers of <c>Support</c>, three of <c>Sales</c>; of each, two in scope <c>north</c> and one without.</summary>
    public static void Fill(IResponseCache cache)
    {
        foreach (var agent in (string[])["Support", "Sales"])
            for (var index = 0; index < 3; index++)
            {
                var info = new CacheEntryInfo { Agent = agent, Method = "Ask", Scope = index < 2 ? "north" : null };
                using var builder = new CacheKeyBuilder();
                builder.Add(info);
                builder.Add("question", index);
                cache.TryStore(
                    builder.Build(),
                    info,
                    new ChatResponse(new ChatMessage(ChatRole.Assistant, "canary-answer")) { FinishReason = ChatFinishReason.Stop }).ShouldBeTrue();
            }
    }
}

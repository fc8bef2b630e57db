using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.Costs;

namespace TokenBudget.Cli.Replay;

/// <summary>
/// The response cache in front of a replay: its own keys decide what is a hit, its own rules what is kept. Recordings carry no times and no tenants, so nothing in it grows too old, and
/// everybody is the same.
/// </summary>
internal sealed class ReplayAnswers(string modelId)
{
    private static readonly CacheEntryInfo Info = new() { Agent = "replay", Method = "conversations", Ttl = TimeSpan.FromDays(36_500) };

    private readonly ResponseCache _cache = new(new ResponseCacheOptions { MaxBytes = 1L << 30 }, TimeProvider.System);

    /// <summary>The key of a request; none for one that cannot be cached.</summary>
    public CacheKey? KeyOf(IEnumerable<ChatMessage> sent)
    {
        using var builder = new CacheKeyBuilder();
        builder.Add(Info);
        builder.Add("model", modelId);
        builder.AddMessages(sent);
        return builder.TryBuild(out var key) ? key : null;
    }

    /// <summary>What the request does not have to pay; none, if it has to be sent.</summary>
    public TokenUsage? Find(CacheKey key) =>
        // In memory it is there at once.
        _cache.TryGetAsync(key, Info).AsTask().GetAwaiter().GetResult() is { } response ? TokenUsage.From(response.Usage) : null;

    /// <summary>Keeps an answer, if it is one that is kept.</summary>
    public void Keep(CacheKey key, ChatMessage answer, TokenUsage usage) => _cache.TryStore(key, Info, new ChatResponse(answer)
    {
        FinishReason = answer.Contents.Any(static content => content is FunctionCallContent) ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        Usage = new UsageDetails
        {
            InputTokenCount = usage.TotalInput,
            CachedInputTokenCount = usage.CacheRead,
            OutputTokenCount = usage.TotalOutput,
            TotalTokenCount = usage.Total,
            AdditionalCounts = new() { ["CacheCreationInputTokens"] = usage.CacheWrite5Minutes },
        },
    });
}

using System.Threading.RateLimiting;
using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls.Field;

/// <summary>
/// A tenant's and a global bucket of tokens in a chain, and a bucket of requests: the framework's limiters. The tokens of a request are guessed from its characters.
/// </summary>
internal sealed class RateLimitLayer(IChatClient inner, int maxOutputTokens) : DelegatingChatClient(inner)
{
    private readonly PartitionedRateLimiter<string> _tokens = PartitionedRateLimiter.CreateChained(Bucket("tenant"), Bucket("global"));
    private readonly TokenBucketRateLimiter _requests = new(Options());

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var request = await _requests.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
        using var tokens = await _tokens.AcquireAsync("a", Guess(messages) + maxOutputTokens, cancellationToken).ConfigureAwait(false);
        if (!request.IsAcquired || !tokens.IsAcquired)
            throw new InvalidOperationException("The rate limit is reached.");
        return await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _tokens.Dispose();
            _requests.Dispose();
        }

        base.Dispose(disposing);
    }

    private static int Guess(IEnumerable<ChatMessage> messages)
    {
        var characters = 0;
        foreach (var message in messages)
            characters += message.Text.Length;
        return characters / 4;
    }

    private static PartitionedRateLimiter<string> Bucket(string name) =>
        PartitionedRateLimiter.Create<string, string>(tenant => RateLimitPartition.GetTokenBucketLimiter(name + tenant, static _ => Options()));

    private static TokenBucketRateLimiterOptions Options() => new()
    {
        TokenLimit = int.MaxValue,
        TokensPerPeriod = int.MaxValue,
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(10),
        QueueLimit = 10_000,
        AutoReplenishment = true,
    };
}

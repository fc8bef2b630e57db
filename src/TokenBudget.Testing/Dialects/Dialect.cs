using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>One provider's language: its paths, how it is read, its rules, its words. Everything else is common to all.</summary>
/// <remarks>Stateless, so thread-safe.</remarks>
internal abstract class Dialect
{
    public abstract SimulatedDialect Name { get; }

    /// <summary>The largest body, in bytes.</summary>
    public virtual int MaxBodyBytes => 32 * 1024 * 1024;

    /// <summary>Whether requests to the model come by this path.</summary>
    public abstract bool Serves(PathString path);

    /// <summary>The key that came with a request; empty when none did.</summary>
    public abstract string KeyOf(IHeaderDictionary headers);

    /// <summary>Reads a request.</summary>
    /// <exception cref="RequestRejectedException">It cannot be read.</exception>
    public abstract WireCall Read(HttpRequest request, ReadOnlySpan<byte> body);

    /// <summary>What the prompt finds in the cache.</summary>
    public abstract PromptCacheLookup Look(PromptCache cache, SimulatedModel model, IReadOnlyList<PromptPart> prompt, DateTimeOffset now);

    /// <summary>What the request asks of the limits.</summary>
    public abstract LimitDemand Demand(WireCall call, SimulatedModel model, PromptUsage usage, SimulatedLimits rules);

    /// <summary>Whether a request that failed is counted as a request.</summary>
    public abstract bool CountsFailedRequests { get; }

    public abstract void AddIdentity(IHeaderDictionary headers, int number);

    /// <summary>The headers that every response carries (documented by both); of a limit that does not exist, none.</summary>
    public abstract IEnumerable<KeyValuePair<string, string>> LimitHeaders(IReadOnlyList<LimitState> limits, DateTimeOffset now);

    /// <summary>The id of a reply, of which the client is told.</summary>
    public abstract string ReplyId(int number);

    public abstract ReadOnlyMemory<byte> Whole(OutgoingReply reply);

    public abstract IEnumerable<StreamFrame> Stream(OutgoingReply reply);

    public abstract StreamFrame Ping { get; }

    public abstract StreamFrame ErrorFrame(SimulatedError error, int number);

    public abstract ReadOnlyMemory<byte> ErrorBody(SimulatedError error, int number);

    public abstract SimulatedError WrongKey(string key);

    public abstract SimulatedError ModelNotFound(string model);

    public abstract SimulatedError PathNotFound(string method, string path);

    public abstract SimulatedError MethodNotAllowed(string method);

    public abstract SimulatedError BodyTooLarge { get; }

    public abstract SimulatedError RateLimit(RateLimitRefusal refusal, string model);

    /// <summary>The simulator itself failed, through a delegate of the test.</summary>
    public abstract SimulatedError Failed(string message);
}

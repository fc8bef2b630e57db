using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>How an answer in the making ended: with an answer or with an error.</summary>
internal sealed class FlightOutcome
{
    private readonly StoredAnswer? _stored;

    /// <summary>What to copy when the answer does not serialize.</summary>
    private readonly ChatResponse? _spare;

    public FlightOutcome(ChatResponse response, StoredAnswer? stored, CacheOutcome source = CacheOutcome.Miss)
    {
        Original = response;
        Source = source;
        _stored = stored;
        // Taken now, because the one who made the answer may change it from here on.
        _spare = stored is null ? ResponsePayload.Shareable(response) : null;
    }

    public FlightOutcome(Exception error) => Error = ExceptionDispatchInfo.Capture(error);

    public ExceptionDispatchInfo? Error { get; }

    /// <summary>Where the answer came from, for the one who asked first.</summary>
    public CacheOutcome Source { get; }

    /// <summary>For the one who made it only.</summary>
    public ChatResponse? Original { get; }

    /// <summary>A new object for everybody else.</summary>
    public ChatResponse Copy() =>
        _stored?.TryCopy() ?? ResponsePayload.Shareable(_spare ?? Original!);
}

using Microsoft.Extensions.AI;

namespace TokenBudget.Calls;

/// <summary>A stream written as an async iterator, with a <see cref="StreamLane"/> beside it. Every reader starts it anew.</summary>
/// <param name="steps">The iterator; its token is the one it is called with and the reader's, whichever is cancelled.</param>
/// <param name="cancellationToken">The token it is called with.</param>
internal sealed class FlowingStream(
    Func<StreamLane, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> steps, CancellationToken cancellationToken) : IAsyncEnumerable<ChatResponseUpdate>
{
    /// <inheritdoc/>
    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken reader = default)
    {
        var lane = new StreamLane();
        lane.Start(steps(lane, cancellationToken).GetAsyncEnumerator(reader));
        return lane;
    }
}

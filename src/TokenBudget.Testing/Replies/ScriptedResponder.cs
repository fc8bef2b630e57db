namespace TokenBudget.Testing;

/// <summary>A responder that gives out a list of replies, one per request, in order.</summary>
/// <remarks>Thread-safe. Use <see cref="RespondAsync"/> as <see cref="SimulatorOptions.Responder"/>.</remarks>
public sealed class ScriptedResponder(params IReadOnlyList<SimulatedReply> replies)
{
    private readonly Lock _gate = new();
    private readonly Queue<SimulatedReply> _replies = new(replies);
    private int _given;

    /// <summary>How many replies are left.</summary>
    public int Remaining
    {
        get
        {
            lock (_gate)
                return _replies.Count;
        }
    }

    /// <summary>Adds a reply at the end.</summary>
    /// <param name="reply">The reply.</param>
    public void Enqueue(SimulatedReply reply)
    {
        lock (_gate)
            _replies.Enqueue(reply);
    }

    /// <summary>The next reply.</summary>
    /// <param name="request">The request; not looked at.</param>
    /// <param name="cancellationToken">Not used: the reply is there.</param>
    /// <exception cref="InvalidOperationException">No reply is left. The client sees it as a 500 with this message.</exception>
    public ValueTask<SimulatedReply> RespondAsync(SimulatedRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_gate)
        {
            if (!_replies.TryDequeue(out var reply))
                throw new InvalidOperationException($"The script is exhausted: request {request.Number} asks for a reply after all {_given} were given.");
            _given++;
            return ValueTask.FromResult(reply);
        }
    }
}

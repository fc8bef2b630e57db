using Microsoft.Data.Sqlite;

namespace TokenBudget.Sqlite;

/// <summary>One change that waits for the writer. Cancelling works until the writer has begun it; then its outcome is that of the commit.</summary>
internal abstract class WriteRequest
{
    private int _state;

    public Exception? Error { get; protected set; }

    /// <summary>Whether the request is the writer's now; false when it was cancelled before.</summary>
    public bool TryStart() => Interlocked.CompareExchange(ref _state, 1, 0) == 0;

    public void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, 2, 0) == 0)
            OnCancelled(cancellationToken);
    }

    public abstract void Execute(SqliteConnection connection);

    public void Refuse(Exception error) => Error = error;

    /// <summary>Tells the caller, after the commit or its failure.</summary>
    public abstract void Complete();

    protected abstract void OnCancelled(CancellationToken cancellationToken);
}

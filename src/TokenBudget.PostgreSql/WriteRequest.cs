using Npgsql;

namespace TokenBudget.PostgreSql;

/// <summary>One statement that waits for the writer. Cancelling works until the writer has begun it; then its outcome is that of the commit.</summary>
/// <param name="command">The statement.</param>
/// <param name="budgets">Which budgets it may change.</param>
internal abstract class WriteRequest(NpgsqlBatchCommand command, TouchedBudgets budgets)
{
    private int _state;

    public NpgsqlBatchCommand Command => command;

    public TouchedBudgets Budgets => budgets;

    /// <summary>Whether the request is the writer's now; false when it was cancelled before.</summary>
    public bool TryStart() => Interlocked.CompareExchange(ref _state, 1, 0) == 0;

    public void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, 2, 0) == 0)
            OnCancelled(cancellationToken);
    }

    /// <summary>Whether the statement has a result to read; one without any does not show among the results of a batch.</summary>
    public abstract bool HasResult { get; }

    /// <summary>Reads its rows, which count only when all is committed.</summary>
    public abstract Task ReadAsync(NpgsqlDataReader rows, CancellationToken stop);

    public abstract void Complete();

    public abstract void Fail(Exception error);

    protected abstract void OnCancelled(CancellationToken cancellationToken);
}

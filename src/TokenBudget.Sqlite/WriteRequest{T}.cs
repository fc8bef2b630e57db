using Microsoft.Data.Sqlite;

namespace TokenBudget.Sqlite;

internal sealed class WriteRequest<T>(Func<SqliteConnection, T> write) : WriteRequest
{
    // Callers continue elsewhere: the writer's thread has the next commit to do.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _completion.Task;

    public override void Execute(SqliteConnection connection) => _result = write(connection);

    public override void Complete()
    {
        if (Error is null)
            _completion.TrySetResult(_result!);
        else
            _completion.TrySetException(Error);
    }

    protected override void OnCancelled(CancellationToken cancellationToken) => _completion.TrySetCanceled(cancellationToken);
}

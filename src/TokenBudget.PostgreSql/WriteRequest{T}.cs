using Npgsql;

namespace TokenBudget.PostgreSql;

internal sealed class WriteRequest<T>(NpgsqlBatchCommand command, TouchedBudgets budgets, Func<NpgsqlDataReader, CancellationToken, Task<T>>? read) : WriteRequest(command, budgets)
{
    // Callers continue elsewhere: the writer has the next batch to send.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _completion.Task;

    public override bool HasResult => read is not null;

    public override async Task ReadAsync(NpgsqlDataReader rows, CancellationToken stop) => _result = await read!(rows, stop).ConfigureAwait(false);

    public override void Complete() => _completion.TrySetResult(_result!);

    public override void Fail(Exception error) => _completion.TrySetException(error);

    protected override void OnCancelled(CancellationToken cancellationToken) => _completion.TrySetCanceled(cancellationToken);
}

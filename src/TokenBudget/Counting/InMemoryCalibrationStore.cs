using System.Collections.Concurrent;

namespace TokenBudget.Counting;

/// <summary>Keeps what was learned for as long as the process lives.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class InMemoryCalibrationStore : ICalibrationStore
{
    private readonly ConcurrentDictionary<(string Model, string Scope), CalibrationState> _states = new();

    /// <inheritdoc/>
    public ValueTask<CalibrationState?> LoadAsync(string model, string scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(scope);
        cancellationToken.ThrowIfCancellationRequested();
        return new(_states.GetValueOrDefault((model, scope)));
    }

    /// <inheritdoc/>
    public ValueTask SaveAsync(CalibrationState state, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        cancellationToken.ThrowIfCancellationRequested();
        _states[(state.Model, state.Scope)] = state;
        return ValueTask.CompletedTask;
    }
}

namespace TokenBudget.Counting;

/// <summary>Keeps what was learned from reported usage, so that a process begins where the last one ended.</summary>
/// <remarks>
/// Implementations are thread-safe; of writes at the same time, in one process or in several, one stays. Model ids come in lower case. A store
/// that fails costs accuracy and nothing else: the failure is counted (<c>tokenbudget.background.failures</c>, part <c>calibration</c>) and
/// learning begins anew.
/// </remarks>
public interface ICalibrationStore
{
    /// <summary>Reads what was learned; asked once for each model and scope of a process.</summary>
    /// <param name="model">The model's id, in lower case.</param>
    /// <param name="scope">The agent, or empty.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>What was saved last, or <see langword="null"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    ValueTask<CalibrationState?> LoadAsync(string model, string scope, CancellationToken cancellationToken = default);

    /// <summary>Replaces what is known of the state's model and scope; asked only when estimates have changed.</summary>
    /// <param name="state">What was learned; ratio and constant are finite.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Completes when it is kept.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="state"/> is null.</exception>
    ValueTask SaveAsync(CalibrationState state, CancellationToken cancellationToken = default);
}

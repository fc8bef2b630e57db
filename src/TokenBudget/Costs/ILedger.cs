using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>The append-only record of usage and cost. Implementations are thread-safe.</summary>
public interface ILedger
{
    /// <summary>
    /// Appends one line, whole or not at all; when the task completes it is as durable as the store promises.
    /// A line whose id is already there is ignored, unless the one there is <see cref="LedgerOutcome.Reserved"/> or <see cref="LedgerOutcome.Unsettled"/>: that one is replaced.
    /// </summary>
    /// <param name="entry">The line.</param>
    /// <param name="cancellationToken">Stops waiting; the line may have been written all the same, unless this was cancelled before the call.</param>
    ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default);

    /// <summary>
    /// What was really spent by the lines meant: neither avoided cost nor approvals and pauses count, and <see cref="LedgerOutcome.Nested"/> only where
    /// <see cref="LedgerQuery.Budget"/> is set.
    /// </summary>
    /// <param name="query">Which lines.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="OverflowException">A sum is beyond the range of <see cref="Usd"/>.</exception>
    ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default);

    /// <summary>Totals of the lines meant, without approvals and pauses, what is nested and what is reserved, in the order of their keys.</summary>
    /// <param name="query">Which lines.</param>
    /// <param name="by">What the totals are told apart by.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="OverflowException">A sum is beyond the range of <see cref="Usd"/>.</exception>
    ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(
        LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default);

    /// <summary>The lines themselves, oldest first (by time, then in the order appended). A line appended while this reads may be missed.</summary>
    /// <param name="query">Which lines.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default);
}

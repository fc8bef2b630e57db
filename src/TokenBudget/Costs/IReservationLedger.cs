namespace TokenBudget.Costs;

/// <summary>
/// A ledger in which a request stands before it is sent, at the most it can cost. Whatever becomes of the process, what it may have spent is on record; and where several processes
/// use the ledger, it is they together who stay below their budgets.
/// </summary>
/// <remarks>A reserved line counts as spent. Appending a line of the same id replaces it, and so does no other line.</remarks>
public interface IReservationLedger : ILedger
{
    /// <summary>
    /// Whether processes share the ledger, so that it decides what fits their budgets. Otherwise the one process that uses it does, and claims are not looked at.
    /// </summary>
    bool DecidesBudgets { get; }

    /// <summary>
    /// The time by the ledger's own clock, which says what period it is for all who share it; <see langword="null"/>, by that of each process. Cheap: asked with every request.
    /// </summary>
    DateTimeOffset? Now => null;

    /// <summary>Takes the amount of a line from all budgets and writes it, or does neither; durable when the task completes.</summary>
    /// <param name="line">The line, with outcome <see cref="LedgerOutcome.Reserved"/>. If one of its id is there, nothing is taken again.</param>
    /// <param name="claims">The budgets, each once.</param>
    /// <param name="cancellationToken">Stops waiting; the line may have been written all the same.</param>
    /// <returns>How each budget stands, in the order of the claims; empty when the ledger does not decide.</returns>
    ValueTask<IReadOnlyList<BudgetBalance>> ReserveAsync(LedgerEntry line, IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken = default);

    /// <summary>Removes a reserved line: nothing was sent.</summary>
    /// <param name="id">The line's id. If it is settled, or not there, nothing changes.</param>
    /// <param name="cancellationToken">Stops waiting; the line may have been removed all the same.</param>
    ValueTask ReleaseAsync(Guid id, CancellationToken cancellationToken = default);

    /// <summary>How budgets stand, without asking for anything.</summary>
    /// <param name="claims">The budgets, each once.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How each stands, in the order of the claims, none refused; empty when the ledger does not decide.</returns>
    ValueTask<IReadOnlyList<BudgetBalance>> ReadBalancesAsync(IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<BudgetBalance>>([]);
}

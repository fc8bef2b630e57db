using System.Collections.Concurrent;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Tests.Costs;

/// <summary>A ledger in memory in which requests stand before they are sent, with a clock of its own if it is told one.</summary>
internal sealed class AheadLedger : IReservationLedger
{
    private readonly InMemoryLedger _ledger = new();

    public ConcurrentQueue<LedgerEntry> Reserved { get; } = [];

    public Action<LedgerEntry>? Reserving { get; set; }

    public Func<DateTimeOffset?> Clock { get; set; } = static () => null;

    public bool DecidesBudgets => false;

    public DateTimeOffset? Now => Clock();

    public async ValueTask<IReadOnlyList<BudgetBalance>> ReserveAsync(LedgerEntry line, IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken = default)
    {
        Reserving?.Invoke(line);
        Reserved.Enqueue(line);
        await _ledger.AppendAsync(line, cancellationToken);
        return [];
    }

    public ValueTask ReleaseAsync(Guid id, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default) => _ledger.AppendAsync(entry, cancellationToken);

    public ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default) => _ledger.SumCostAsync(query, cancellationToken);

    public ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) =>
        _ledger.TotalAsync(query, by, cancellationToken);

    public IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default) => _ledger.ReadAsync(query, cancellationToken);
}

using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Benchmarks.Calls;

/// <summary>Keeps nothing: what a store costs is measured elsewhere.</summary>
internal sealed class ForgetfulLedger : ILedger
{
    public ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default) => default;

    public ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default) => new(Usd.Zero);

    public ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(
        LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) => new([]);

    public IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<LedgerEntry>();
}

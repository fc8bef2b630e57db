using System.Runtime.CompilerServices;
using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>A ledger in the memory of this process, for tests and short-lived work: nothing survives it, and it only grows.</summary>
/// <remarks>Thread-safe. A query takes time proportional to the number of lines.</remarks>
public sealed class InMemoryLedger : ILedger
{
    private readonly Lock _gate = new();
    private readonly HashSet<Guid> _ids = [];
    private readonly List<LedgerEntry> _entries = [];

    /// <inheritdoc/>
    public ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entry);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_ids.Add(entry.Id))
                _entries.Add(entry);
            else if (_entries.FindIndex(known => known.Id == entry.Id && known.Outcome is LedgerOutcome.Reserved or LedgerOutcome.Unsettled) is >= 0 and var open)
                _entries[open] = entry;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default) =>
        new(Sum(Select(query, cancellationToken).Where(entry => entry.Outcome switch
        {
            LedgerOutcome.Avoided or LedgerOutcome.Approved or LedgerOutcome.Paused => false,
            LedgerOutcome.Nested => query.Budget is not null,
            _ => true,
        })));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(
        LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) => new(
    [
        .. Select(query, cancellationToken)
            .Where(static entry => entry.Outcome is not (LedgerOutcome.Approved or LedgerOutcome.Nested or LedgerOutcome.Reserved or LedgerOutcome.Paused))
            .GroupBy(entry => LedgerKey.Of(entry, by))
            .OrderBy(static group => group.Key)
            .Select(static group => Total(group.Key, group.ToLookup(static entry => entry.Outcome == LedgerOutcome.Avoided))),
    ]);

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var entry in Select(query, cancellationToken).OrderBy(static entry => entry.At))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    private List<LedgerEntry> Select(LedgerQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return _entries.FindAll(query.Matches);
    }

    private static LedgerTotal Total(LedgerKey key, ILookup<bool, LedgerEntry> byAvoided) => new()
    {
        Key = key,
        Requests = byAvoided[false].LongCount(),
        Usage = byAvoided[false].Aggregate(default(TokenUsage), static (sum, entry) => sum + entry.Usage),
        Cost = Sum(byAvoided[false]),
        AvoidedRequests = byAvoided[true].LongCount(),
        AvoidedUsage = byAvoided[true].Aggregate(default(TokenUsage), static (sum, entry) => sum + entry.Usage),
        AvoidedCost = Sum(byAvoided[true]),
    };

    // Only the total has to be in range, whatever the order of the lines.
    private static Usd Sum(IEnumerable<LedgerEntry> entries) =>
        new(checked((long)entries.Aggregate(Int128.Zero, static (sum, entry) => sum + entry.Cost.PicoDollars)));
}

using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Tests.Costs;

/// <summary>A ledger in memory that fails or waits when told to.</summary>
internal sealed class FailingLedger : ILedger
{
    public InMemoryLedger Inner { get; } = new();

    /// <summary>Thrown by every write.</summary>
    public Exception? WriteFailure { get; set; }

    /// <summary>Whether a failing write has been written all the same, as when the connection is lost after the commit.</summary>
    public bool WritesBeforeFailing { get; set; }

    /// <summary>Lines that are never taken, while others are.</summary>
    public Predicate<LedgerEntry> Refuses { get; set; } = static _ => false;

    /// <summary>Thrown by every sum.</summary>
    public Exception? SumFailure { get; set; }

    /// <summary>Awaited by every sum.</summary>
    public Task SumGate { get; set; } = Task.CompletedTask;

    public async ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default)
    {
        if (Refuses(entry))
            throw new InvalidOperationException("This line is not to my taste.");
        if (WriteFailure is null || WritesBeforeFailing)
            await Inner.AppendAsync(entry, cancellationToken);
        if (WriteFailure is not null)
            throw WriteFailure;
    }

    public async ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default)
    {
        await SumGate;
        return SumFailure is null ? await Inner.SumCostAsync(query, cancellationToken) : throw SumFailure;
    }

    public ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(
        LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) =>
        Inner.TotalAsync(query, by, cancellationToken);

    public IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default) =>
        Inner.ReadAsync(query, cancellationToken);

    public async Task<List<LedgerEntry>> LinesAsync()
    {
        var lines = new List<LedgerEntry>();
        await foreach (var line in Inner.ReadAsync(new LedgerQuery()))
            lines.Add(line);
        return lines;
    }
}

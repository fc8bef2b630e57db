using TokenBudget.Conformance;
using TokenBudget.Costs;

namespace TokenBudget.Sqlite.Tests;

public sealed class SqliteLedgerTests : LedgerConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override async Task<ILedger> CreateAsync() => await SqliteStore.OpenAsync(_folder.PathOf("store.db"));

    protected override async Task<ILedger?> ReopenAsync(ILedger ledger)
    {
        await ((SqliteStore)ledger).DisposeAsync();
        return await CreateAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

using TokenBudget.Conformance;
using TokenBudget.Costs;

namespace TokenBudget.Sqlite.Tests;

public sealed class InMemoryLedgerTests : LedgerConformance
{
    protected override Task<ILedger> CreateAsync() => Task.FromResult<ILedger>(new InMemoryLedger());

    protected override Task<ILedger?> ReopenAsync(ILedger ledger) => Task.FromResult<ILedger?>(null);
}

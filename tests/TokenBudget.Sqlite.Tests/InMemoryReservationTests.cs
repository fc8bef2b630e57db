using TokenBudget.Conformance;
using TokenBudget.Costs;

namespace TokenBudget.Sqlite.Tests;

public sealed class InMemoryReservationTests : ReservationConformance
{
    protected override Task<IReservationLedger> CreateAsync() => Task.FromResult<IReservationLedger>(new InMemoryReservationLedger());

    protected override Task<IReservationLedger> ReopenAfterKillAsync(IReservationLedger ledger)
    {
        ((InMemoryReservationLedger)ledger).Kill();
        return Task.FromResult(ledger);
    }
}

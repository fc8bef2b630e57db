using TokenBudget.Conformance;
using TokenBudget.Counting;

namespace TokenBudget.Sqlite.Tests;

public sealed class InMemoryCalibrationStoreTests : CalibrationStoreConformance
{
    protected override Task<ICalibrationStore> CreateAsync() => Task.FromResult<ICalibrationStore>(new InMemoryCalibrationStore());

    protected override Task<ICalibrationStore?> ReopenAsync(ICalibrationStore store) => Task.FromResult<ICalibrationStore?>(null);
}

using TokenBudget.Conformance;
using TokenBudget.Counting;

namespace TokenBudget.Sqlite.Tests;

public sealed class SqliteCalibrationStoreTests : CalibrationStoreConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override async Task<ICalibrationStore> CreateAsync() => await SqliteStore.OpenAsync(_folder.PathOf("store.db"));

    protected override async Task<ICalibrationStore?> ReopenAsync(ICalibrationStore store)
    {
        await ((SqliteStore)store).DisposeAsync();
        return await CreateAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

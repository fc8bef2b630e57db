using TokenBudget.Conformance;
using TokenBudget.Sharing;

namespace TokenBudget.Sqlite.Tests;

public sealed class InMemorySharedLimitTests : SharedLimitConformance
{
    protected override Task<ISharedLimitStore> CreateAsync() => Task.FromResult<ISharedLimitStore>(new InMemorySharedLimitStore());

    protected override Task EmptyAsync()
    {
        ((InMemorySharedLimitStore)Store).Clear();
        return Task.CompletedTask;
    }
}

using TokenBudget.Conformance;
using TokenBudget.Sharing;

namespace TokenBudget.Sqlite.Tests;

public sealed class InMemoryBackplaneTests : BackplaneConformance
{
    protected override Task<IBackplane> CreateAsync() => Task.FromResult<IBackplane>(new InMemoryBackplane());
}

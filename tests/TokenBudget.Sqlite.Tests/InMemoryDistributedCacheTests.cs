using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Options;
using TokenBudget.Conformance;

namespace TokenBudget.Sqlite.Tests;

/// <summary>The framework's distributed cache in memory, by which the suite itself is judged.</summary>
public sealed class InMemoryDistributedCacheTests : DistributedCacheConformance
{
    private readonly Clock _clock = new();

    protected override DateTimeOffset Now => _clock.UtcNow;

    protected override Task<IDistributedCache> CreateAsync() =>
        Task.FromResult<IDistributedCache>(new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions { Clock = _clock })));

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.UtcNow += time;
        return Task.CompletedTask;
    }

    private sealed class Clock : ISystemClock
    {
        public DateTimeOffset UtcNow { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}

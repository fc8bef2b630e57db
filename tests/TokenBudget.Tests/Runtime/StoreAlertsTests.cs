using System.Collections.Concurrent;
using TokenBudget.Configuration;
using TokenBudget.Sharing;

namespace TokenBudget.Tests.Runtime;

/// <summary>What is told of the store through which processes share rate limits: each change once, with its time, and nothing of what the store said.</summary>
public sealed class StoreAlertsTests
{
    [Fact]
    public async Task That_the_store_is_away_and_back_is_told_once_each_with_when_and_nothing_else()
    {
        var time = new VirtualTimeProvider();
        var store = new BreakableStore(new InMemorySharedLimitStore(time));
        var told = new ConcurrentQueue<TokenBudgetAlert>();
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), time: time, sharedLimits: store);
        runtime.AlertRaised += (_, alert) => told.Enqueue(alert);
        using var client = runtime.CreateClient(new FakeChatClient(), new() { Agent = "Support", Method = "Ask", Settings = new BudgetSettings { Model = "claude-sonnet-4-5", RequestsPerMinute = 10 } });
        var bounds = new List<DateTimeOffset> { time.GetUtcNow() };

        for (var change = 1; change <= 4; change++)
        {
            store.IsBroken = change % 2 == 1;
            await AdvanceAsync(() => told.Count >= change);
            // It goes on failing, or answering, and that is no news.
            var asked = store.Exchanges;
            await AdvanceAsync(() => store.Exchanges > asked + 3);
            bounds.Add(time.GetUtcNow());
        }

        told.Select(static alert => alert with { At = default }).ShouldBe(
        [
            new(TokenBudgetAlertKind.SharedLimitsAway, default), new(TokenBudgetAlertKind.SharedLimitsBack, default),
            new(TokenBudgetAlertKind.SharedLimitsAway, default), new(TokenBudgetAlertKind.SharedLimitsBack, default),
        ]);
        foreach (var (alert, change) in told.Select(static (alert, change) => (alert, change)))
            alert.At.ShouldBeInRange(bounds[change], bounds[change + 1]);

        Task AdvanceAsync(Func<bool> condition) => Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return condition();
            },
            TimeSpan.FromMinutes(1));
    }

    private sealed class BreakableStore(ISharedLimitStore inner) : ISharedLimitStore
    {
        private int _exchanges;
        private volatile bool _isBroken;

        public int Exchanges => Volatile.Read(ref _exchanges);

        public bool IsBroken
        {
            set => _isBroken = value;
        }

        public ValueTask<IReadOnlyList<LimitShare>> ExchangeAsync(Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _exchanges);
            return _isBroken ? throw new IOException("canary: an address") : inner.ExchangeAsync(holder, sequence, bids, terms, cancellationToken);
        }
    }
}

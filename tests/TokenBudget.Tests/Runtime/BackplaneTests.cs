using System.Collections.Concurrent;
using TokenBudget.Caching;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Retries;
using TokenBudget.Sharing;
using TokenBudget.Summarization;
using TokenBudget.Tests.Caching;

namespace TokenBudget.Tests.Runtime;

/// <summary>What runtimes tell each other, and what they make of what anybody tells them.</summary>
public sealed class BackplaneTests
{
    private const string Last = "the last";

    private static readonly CostBudget Budget = new("b", new Usd(1_000), BudgetPeriod.Total) { AtLimit = AtLimit.Pause };

    private readonly InMemoryBackplane _backplane = new();

    [Fact]
    public async Task Clearing_a_cache_clears_what_the_others_have_of_it_in_memory()
    {
        await using var here = Start();
        await using var there = Start();
        // A name that JSON cannot hold without care is no other name.
        foreach (var clear in (Func<IResponseCache, Task<int>>[])
        [
            static cache => cache.ClearAgentAsync("a\ud800").AsTask(), static cache => cache.ClearMethodAsync("a\ud800", "m").AsTask(),
            static cache => cache.ClearScopeAsync("tenant \"x\"").AsTask(), static cache => cache.ClearAsync().AsTask(),
        ])
        {
            Fill(here.Cache);
            Fill(there.Cache);
            await clear(here.Cache);
            await HeardAsync(there);
            Keys(there.Cache).ShouldBe(Keys(here.Cache));
            Keys(there.Cache).Count.ShouldBeLessThan(5);
        }

        static void Fill(IResponseCache cache)
        {
            foreach (var info in Infos)
                cache.TryStore(CacheSample.Key(), info, CacheSample.Answer()).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Who_clears_is_told_when_the_others_cannot_be_told()
    {
        await using var here = Start(new BrokenBackplane());
        here.Cache.TryStore(CacheSample.Key(), CacheSample.Info, CacheSample.Answer()).ShouldBeTrue();
        (await Should.ThrowAsync<ResponseCacheUnavailableException>(async () => await here.Cache.ClearAsync())).InnerException.ShouldBeOfType<IOException>();
        here.Cache.GetStatistics().Entries.ShouldBe(0);
    }

    [Fact]
    public async Task An_alert_is_told_once_to_everybody_and_says_where_it_came_up()
    {
        await using var here = Start();
        await using var there = Start();
        await using var third = Start();
        var alerts = new[] { here, there, third }.Select(Alerts).ToList();

        await Should.ThrowAsync<BudgetPausedException>(async () => await here.Costs.ReserveAsync(Budget, new Usd(1_001)));
        await here.Costs.ApproveAsync("b");
        // Tells what waits to be told.
        await here.DisposeAsync();
        await HeardAsync(there, third);
        // Whatever the third might tell again.
        await third.DisposeAsync();
        await HeardAsync(there);

        alerts[0].Select(static alert => (alert.Kind, alert.Origin)).ShouldBe([(TokenBudgetAlertKind.BudgetPaused, null), (TokenBudgetAlertKind.BudgetResumed, null)]);
        foreach (var heard in alerts.Skip(1))
        {
            heard.Select(static alert => alert.Kind).ShouldBe([TokenBudgetAlertKind.BudgetPaused, TokenBudgetAlertKind.BudgetResumed]);
            heard.ShouldAllBe(static alert => alert.Origin == $"{Environment.MachineName}:{Environment.ProcessId}");
            heard.First().Status.ShouldBe(alerts[0].First().Status);
        }
    }

    /// <summary>Of a ledger that does not decide what fits; one that does refuses by itself.</summary>
    [Fact]
    public async Task A_pause_by_hand_and_its_end_are_there_at_the_others_without_a_request_of_theirs()
    {
        var ledger = new InMemoryLedger();
        await using var here = new TokenBudgetRuntime(new TokenBudgetOptions(), ledger, backplane: _backplane);
        await using var there = new TokenBudgetRuntime(new TokenBudgetOptions(), ledger, backplane: _backplane);
        var alerts = new[] { here, there }.Select(Alerts).ToList();
        foreach (var runtime in new[] { here, there })
            (await runtime.Costs.ReserveAsync(Budget, new Usd(10))).Dispose();

        (await here.Costs.PauseAsync("b", "why")).ShouldBeTrue();
        await Eventually.TrueAsync(() => there.Costs.GetStatus()[0].PausedByHand?.Reason == "why");
        (await Should.ThrowAsync<BudgetPausedException>(async () => await there.Costs.ReserveAsync(Budget, new Usd(10)))).Status.PausedByHand!.Reason.ShouldBe("why");
        (await there.Costs.PauseAsync("b", "another reason")).ShouldBeTrue();
        await Eventually.TrueAsync(() => here.Costs.GetStatus()[0].PausedByHand?.Reason == "another reason");
        (await there.Costs.ApproveAsync("b")).ShouldBeTrue();
        await Eventually.TrueAsync(() => !here.Costs.GetStatus()[0].IsPaused);
        (await here.Costs.ReserveAsync(Budget, new Usd(10))).Dispose();

        await HeardAsync(here, there);
        foreach (var told in alerts)
            told.Select(static alert => (alert.Kind, alert.Status!.PausedByHand?.Reason)).ShouldBe(
                [(TokenBudgetAlertKind.BudgetPaused, "why"), (TokenBudgetAlertKind.BudgetPaused, "another reason"), (TokenBudgetAlertKind.BudgetResumed, null)]);
    }

    /// <summary>Each kind with all it may hold: what arrives is the same, but for what stays.</summary>
    [Fact]
    public void Names_and_numbers_of_every_alert_arrive_and_words_of_others_stay()
    {
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        TokenBudgetAlert[] all =
        [
            new(TokenBudgetAlertKind.BudgetThreshold, at) { Agent = "a", Budget = new BudgetAlert("b", at, new Usd(80), 80, new Usd(81), new Usd(100), at) },
            new(TokenBudgetAlertKind.BudgetThreshold, at) { Budget = new BudgetAlert("b", null, new Usd(80), null, new Usd(81), null, at) },
            new(TokenBudgetAlertKind.BudgetPaused, at) { Status = new BudgetStatus("b", BudgetPeriod.Hour, at, new Usd(5), new Usd(4), new Usd(3)) { PeriodEnd = at.AddHours(1), Approved = new Usd(2), IsPaused = true } },
            new(TokenBudgetAlertKind.BudgetPaused, at) { Status = new BudgetStatus("b", BudgetPeriod.Total, null, null, new Usd(4), new Usd(3)) { IsPaused = true, PausedByHand = new BudgetPause(at, "down since 3 \ud800") } },
            new(TokenBudgetAlertKind.BudgetPaused, at) { Status = new BudgetStatus("b", BudgetPeriod.Total, null, null, new Usd(4), new Usd(3)) { IsPaused = true, PausedByHand = new BudgetPause(at, null) } },
            new(TokenBudgetAlertKind.BudgetResumed, at) { Status = new BudgetStatus("b", BudgetPeriod.Total, null, null, new Usd(4), new Usd(3)) },
            new(TokenBudgetAlertKind.SpendLimitReached, at) { SpendLimit = new("provider", new() { Kind = ProviderErrorKind.SpendLimit }, at.AddDays(1)) },
            new(TokenBudgetAlertKind.SummaryFailed, at) { Agent = "a", Summary = new("", SummaryFailureReason.Empty, null, 4, null, at) },
            new(TokenBudgetAlertKind.LedgerFailing, at), new(TokenBudgetAlertKind.LedgerRestored, at), new(TokenBudgetAlertKind.SharedLimitsAway, at), new(TokenBudgetAlertKind.SharedLimitsBack, at),
        ];
        all.Select(static alert => alert.Kind).Distinct().ShouldBe(Enum.GetValues<TokenBudgetAlertKind>(), ignoreOrder: true);
        foreach (var alert in all)
            SharedAlert.Read(SharedAlert.Write(alert, "web:1")).ShouldBe(alert with { Origin = "web:1" });

        var telling = new TokenBudgetAlert(TokenBudgetAlertKind.SummaryFailed, at) { Summary = new("canary", SummaryFailureReason.ModelFailed, "m", 1, new IOException("canary"), at) };
        SharedAlert.Write(telling, "web:1").ShouldNotContain("canary");
    }

    [Theory]
    [InlineData("cache-clear", "")]
    [InlineData("cache-clear", "null")]
    [InlineData("cache-clear", "[]")]
    [InlineData("cache-clear", """{"agent":{"deep":[[[[]]]]}}""")]
    [InlineData("alert", "{")]
    [InlineData("alert", "null")]
    [InlineData("alert", "{}")]
    [InlineData("cache-clear", """{"agent":5}""")]
    [InlineData("alert", """{"kind":"LedgerFailing","at":"1"}""")]
    [InlineData("alert", """{"kind":"ledgerFailing","at":"1","origin":"x"}""")]
    [InlineData("alert", """{"kind":"OfALaterRelease","at":"1","origin":"x"}""")]
    [InlineData("alert", """{"kind":"5","at":"1","origin":"x"}""")]
    [InlineData("alert", """{"kind":"LedgerFailing","at":"1","origin":""}""")]
    [InlineData("alert", """{"kind":"LedgerFailing","at":"-1","origin":"x"}""")]
    [InlineData("alert", """{"kind":"LedgerFailing","at":"9999999999999999999","origin":"x"}""")]
    [InlineData("alert", """{"kind":"LedgerFailing","at":"1","origin":["x"]}""")]
    [InlineData("alert", """{"kind":"BudgetPaused","at":"1","origin":"x"}""")]
    [InlineData("alert", """{"kind":"BudgetPaused","at":"1","origin":"x","budget":"b","period":"Sometimes"}""")]
    [InlineData("alert", """{"kind":"SummaryFailed","at":"1","origin":"x","reason":"99"}""")]
    [InlineData("alert", """{"kind":"SpendLimitReached","at":"1","origin":"x","provider":"p","error":"SpendLimit"}""")]
    [InlineData("of a later release", "anything")]
    public async Task What_is_no_message_of_ours_is_passed_over(string topic, string content)
    {
        await using var here = Start();
        var alerts = Alerts(here);
        here.Cache.TryStore(CacheSample.Key(), CacheSample.Info, CacheSample.Answer()).ShouldBeTrue();
        await _backplane.PublishAsync(new BackplaneMessage(Guid.NewGuid(), topic, content));
        await HeardAsync(here);
        (alerts.Count, here.Cache.GetStatistics().Entries).ShouldBe((0, 1));
    }

    /// <summary>Somebody says that a budget is paused; the ledger, which knows, does not.</summary>
    [Fact]
    public async Task A_forged_pause_pauses_nothing()
    {
        await using var here = Start();
        (await here.Costs.ReserveAsync(Budget, new Usd(10))).Dispose();
        await _backplane.PublishAsync(new BackplaneMessage(Guid.NewGuid(), "alert", """{"kind":"BudgetPaused","at":"1","origin":"x","budget":"b","period":"Total"}"""));
        await HeardAsync(here);
        (await here.Costs.ReserveAsync(Budget, new Usd(10))).Dispose();
    }

    [Fact]
    public async Task A_runtime_that_is_switched_off_listens_to_nobody()
    {
        var backplane = new BrokenBackplane();
        await using var here = new TokenBudgetRuntime(new TokenBudgetOptions { Enabled = false }, backplane: backplane);
        await here.Cache.ClearAsync();
        (backplane.Published, backplane.Listened).ShouldBe((0, 0));
    }

    [Fact]
    public async Task What_cannot_be_told_is_told_later_and_what_cannot_be_heard_is_a_gap()
    {
        var time = new VirtualTimeProvider();
        var backplane = new BrokenBackplane();
        await using var here = new TokenBudgetRuntime(new TokenBudgetOptions(), time: time, backplane: backplane);
        here.Cache.TryStore(CacheSample.Key(), CacheSample.Info, CacheSample.Answer()).ShouldBeTrue();
        await Should.ThrowAsync<BudgetPausedException>(async () => await here.Costs.ReserveAsync(Budget, new Usd(1_001)));
        // Both have been refused: what is tried from now on is a second attempt.
        await Eventually.TrueAsync(() => backplane is { Published: > 0, Listened: > 0 });
        backplane.Inner = _backplane;
        await using var there = Start();
        var alerts = Alerts(there);
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return alerts.Count == 1 && here.Cache.GetStatistics().Entries == 0;
        });
        alerts.Single().Kind.ShouldBe(TokenBudgetAlertKind.BudgetPaused);
    }

    private static readonly CacheEntryInfo[] Infos =
    [
        new() { Agent = "a\ud800", Method = "m" }, new() { Agent = "a\ud800", Method = "n", Scope = "1" }, new() { Agent = "a\ufffd", Method = "m", Scope = "2" },
        new() { Agent = "b", Method = "m", Scope = "tenant \"x\"" }, new() { Agent = "b", Method = "m", Scope = "tenant x" },
    ];

    private static List<int> Keys(IResponseCache cache) =>
        [.. Infos.Select((info, i) => (info, i)).Where(pair => cache.TryGetAsync(CacheSample.Key(), pair.info).AsTask().Result is not null).Select(static pair => pair.i)];

    private static ConcurrentQueue<TokenBudgetAlert> Alerts(TokenBudgetRuntime runtime)
    {
        var alerts = new ConcurrentQueue<TokenBudgetAlert>();
        runtime.AlertRaised += (_, alert) =>
        {
            if (alert.Origin != Last)
                alerts.Enqueue(alert);
        };
        return alerts;
    }

    private TokenBudgetRuntime Start(IBackplane? backplane = null) => new(new TokenBudgetOptions(), backplane: backplane ?? _backplane);

    /// <summary>Messages have one order: who has heard the last has heard all.</summary>
    private async Task HeardAsync(params TokenBudgetRuntime[] runtimes)
    {
        var heard = runtimes.Select(static runtime =>
        {
            var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            runtime.AlertRaised += (_, alert) =>
            {
                if (alert.Origin == Last)
                    last.TrySetResult();
            };
            return last.Task;
        }).ToList();
        await _backplane.PublishAsync(new BackplaneMessage(Guid.NewGuid(), "alert", $$"""{"kind":"LedgerRestored","at":"1","origin":"{{Last}}"}"""));
        await Task.WhenAll(heard).WaitAsync(Eventually.Patience);
    }

    private sealed class BrokenBackplane : IBackplane
    {
        private int _published;
        private int _listened;

        public int Published => Volatile.Read(ref _published);

        public int Listened => Volatile.Read(ref _listened);

        public IBackplane? Inner { get; set; }

        public ValueTask PublishAsync(BackplaneMessage message, CancellationToken cancellationToken = default) => Find(ref _published).PublishAsync(message, cancellationToken);

        public IAsyncEnumerable<BackplaneMessage> ListenAsync(CancellationToken cancellationToken = default) => Inner?.ListenAsync(cancellationToken) ?? ThrowAsync();

        private async IAsyncEnumerable<BackplaneMessage> ThrowAsync()
        {
            Find(ref _listened);
            await Task.CompletedTask;
            yield break;
        }

        private IBackplane Find(ref int calls)
        {
            Interlocked.Increment(ref calls);
            return Inner ?? throw new IOException("away");
        }
    }
}

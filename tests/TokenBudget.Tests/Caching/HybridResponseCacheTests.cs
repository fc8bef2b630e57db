using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

/// <summary>The adapter of <c>docs/policies/other-caches.md</c> keeps the contract.</summary>
public sealed class HybridResponseCacheTests : ResponseCacheContract
{
    protected override IResponseCache Create() => new HybridResponseCache(new FakeHybridCache());

    [Fact]
    public async Task Time_to_live_is_handed_on_and_nothing_is_left_of_what_is_not_kept()
    {
        var hybrid = new FakeHybridCache();
        var cache = new HybridResponseCache(hybrid);
        await cache.GetOrCreateAsync(Key(), Info with { Ttl = TimeSpan.FromMinutes(7) }, static _ => Task.FromResult(Answer()));
        hybrid.Expirations.Values.ShouldBe([TimeSpan.FromMinutes(7)]);
        await cache.GetOrCreateAsync(Key("y"), Info, static _ => Task.FromResult(Answer(" ")));
        hybrid.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Who_shares_an_answer_that_is_not_kept_makes_its_own()
    {
        var cache = new HybridResponseCache(new FakeHybridCache());
        var gate = new TaskCompletionSource();
        var made = 0;
        var calls = Enumerable.Range(0, 5).Select(_ => cache.GetOrCreateAsync(Key(), Info, async _ =>
        {
            Interlocked.Increment(ref made);
            await gate.Task;
            return Answer("cut", Microsoft.Extensions.AI.ChatFinishReason.Length);
        }).AsTask()).ToList();
        gate.SetResult();
        (await Task.WhenAll(calls)).ShouldAllBe(static result => result.Outcome == CacheOutcome.Miss && result.Response.Text == "cut");
        made.ShouldBe(5);
    }

    [Fact]
    public void The_page_shows_this_adapter()
    {
        var source = File.ReadAllText(Repository.PathOf("tests/TokenBudget.Tests/Caching/HybridResponseCache.cs"));
        var code = source[source.IndexOf("public sealed class", StringComparison.Ordinal)..].ReplaceLineEndings("\n").Trim();
        File.ReadAllText(Repository.PathOf("docs/policies/other-caches.md")).ReplaceLineEndings("\n").ShouldContain(code);
    }
}

using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

public sealed class StaleAnswerTests
{
    private static readonly CacheEntryInfo Patient = Info with { Ttl = TimeSpan.FromMinutes(1), StaleOnError = TimeSpan.FromMinutes(5) };

    private readonly VirtualTimeProvider _time = new();

    [Fact]
    public async Task An_old_answer_serves_while_no_new_one_can_be_made_and_not_for_ever()
    {
        var cache = Cache(_time);
        await cache.GetAsync(info: Patient);
        _time.Advance(TimeSpan.FromMinutes(1));
        var late = await cache.GetOrCreateAsync(Key(), Patient, Fail);
        (late.Outcome, late.Response.Text).ShouldBe((CacheOutcome.Stale, "answer"));
        (await StreamedAsync(cache)).ShouldBe((CacheOutcome.Stale, "answer"));
        cache.GetStatistics().Stale.ShouldBe(2);

        _time.Advance(TimeSpan.FromMinutes(5));
        await Should.ThrowAsync<HttpRequestException>(async () => await cache.GetOrCreateAsync(Key(), Patient, Fail));
        await Should.ThrowAsync<HttpRequestException>(() => StreamedAsync(cache));
    }

    [Fact]
    public async Task A_new_answer_takes_its_place_as_soon_as_one_can_be_made()
    {
        var cache = Cache(_time);
        await cache.GetAsync(info: Patient);
        _time.Advance(TimeSpan.FromMinutes(2));
        (await cache.GetOrCreateAsync(Key(), Patient, Fail)).Outcome.ShouldBe(CacheOutcome.Stale);
        (await cache.GetAsync(answer: "new", info: Patient)).Outcome.ShouldBe(CacheOutcome.Miss);
        (await cache.GetAsync(info: Patient)).Response.Text.ShouldBe("new");
    }

    [Fact]
    public async Task It_is_for_those_alone_who_asked_for_it()
    {
        var cache = Cache(_time);
        var plain = Patient with { StaleOnError = null };
        await cache.GetAsync(info: plain);
        _time.Advance(TimeSpan.FromMinutes(1));
        await Should.ThrowAsync<HttpRequestException>(async () => await cache.GetOrCreateAsync(Key(), plain, Fail));
    }

    [Fact]
    public async Task A_refusal_of_our_own_is_not_answered_with_an_old_answer()
    {
        var cache = Cache(_time);
        await cache.GetAsync(info: Patient);
        _time.Advance(TimeSpan.FromMinutes(1));
        await Should.ThrowAsync<ContextOverflowException>(async () =>
            await cache.GetOrCreateAsync(Key(), Patient, static _ => throw new ContextOverflowException("The request", 2, 1, "Shorten it.")));
    }

    [Fact]
    public async Task A_stream_that_has_begun_does_not_turn_into_an_old_answer()
    {
        var cache = Cache(_time);
        await cache.GetAsync(info: Patient);
        _time.Advance(TimeSpan.FromMinutes(1));
        var read = new List<ChatResponseUpdate>();
        await Should.ThrowAsync<HttpRequestException>(async () =>
        {
            await foreach (var update in cache.GetOrCreateStreamAsync(Key(), Patient, static _ => Broken()))
                read.Add(update);
        });
        read.Text().ShouldBe("half");

        static async IAsyncEnumerable<ChatResponseUpdate> Broken()
        {
            await Task.Yield();
            yield return Update("half");
            throw new HttpRequestException("reset");
        }
    }

    [Fact]
    public async Task Another_process_serves_it_late_too()
    {
        var store = new SharedStore();
        var first = Cache(_time, secondLevel: store);
        await first.GetAsync(info: Patient);
        await Eventually.TrueAsync(() => first.PendingWrites == 0);
        store.Options[store.Answer.Key].AbsoluteExpirationRelativeToNow.ShouldBe(TimeSpan.FromMinutes(6));

        _time.Advance(TimeSpan.FromMinutes(3));
        var other = Cache(_time, secondLevel: store);
        (await other.GetOrCreateAsync(Key(), Patient, Fail)).Outcome.ShouldBe(CacheOutcome.Stale);
    }

    [Fact]
    public async Task Times_are_shortened_by_the_key_and_never_lengthened()
    {
        var jitter = new ResponseCache(new ResponseCacheOptions { TtlJitter = 0.5 }, _time);
        for (var i = 0; i < 200; i++)
            await jitter.GetAsync($"{i}", info: Info with { Ttl = TimeSpan.FromMinutes(10) });
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        (await HitsAsync()).ShouldBe(200);
        _time.Advance(TimeSpan.FromMinutes(2.5));
        (await HitsAsync()).ShouldBeInRange(50, 150);
        _time.Advance(TimeSpan.FromMinutes(2.5) + TimeSpan.FromTicks(1));
        (await HitsAsync()).ShouldBe(0);

        async Task<int> HitsAsync()
        {
            var hits = 0;
            for (var i = 0; i < 200; i++)
            {
                try
                {
                    await jitter.GetOrCreateAsync(Key($"{i}"), Info, Fail);
                    hits++;
                }
                catch (HttpRequestException)
                {
                }
            }

            return hits;
        }
    }

    private static Task<ChatResponse> Fail(CancellationToken cancellationToken) => throw new HttpRequestException("overloaded");

    private static async Task<(CacheOutcome?, string)> StreamedAsync(ResponseCache cache)
    {
        CacheOutcome? outcome = null;
        var updates = await cache.GetOrCreateStreamAsync(Key(), Patient, static _ => throw new HttpRequestException("overloaded"), known => outcome = known).ToListAsync();
        return (outcome, updates.Text());
    }
}

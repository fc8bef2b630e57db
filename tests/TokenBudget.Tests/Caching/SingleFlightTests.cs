using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

public sealed class SingleFlightTests
{
    [Fact]
    public async Task A_thousand_callers_make_one_answer()
    {
        var cache = Cache();
        var gate = new TaskCompletionSource();
        var created = 0;
        async Task<ChatResponse> Create(CancellationToken _)
        {
            Interlocked.Increment(ref created);
            await gate.Task;
            return Answer();
        }

        var callers = Enumerable.Range(0, 1_000).Select(_ => Task.Run(async () => await cache.GetOrCreateAsync(Key(), Info, Create))).ToList();
        var asked = Enumerable.Range(0, 50).Select(i => Task.Run(async () => await cache.GetAsync($"other {i}"))).ToList();
        await Task.WhenAll(asked);
        gate.SetResult();
        var results = await Task.WhenAll(callers);

        created.ShouldBe(1);
        results.Count(result => result.Outcome == CacheOutcome.Miss).ShouldBe(1);
        results.Select(result => result.Response).Distinct(ReferenceEqualityComparer.Instance).Count().ShouldBe(1_000);
        results.ShouldAllBe(result => result.Response.Text == "answer");
        var statistics = cache.GetStatistics();
        (statistics.Hits + statistics.Shared).ShouldBe(999);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_thousand_callers_make_one_answer_though_the_first_leaves_at_any_moment(int seed)
    {
        var random = new Random(seed);
        var cache = Cache();
        var gate = new TaskCompletionSource();
        var created = 0;
        async Task<ChatResponse> Create(CancellationToken token)
        {
            Interlocked.Increment(ref created);
            await gate.Task.WaitAsync(token);
            return Answer();
        }

        using var leader = new CancellationTokenSource();
        var first = cache.GetOrCreateAsync(Key(), Info, Create, leader.Token).AsTask();
        var leaves = 1 + random.Next(998);
        var followers = new List<Task<CacheResult>>();
        for (var i = 0; i < 999; i++)
        {
            followers.Add(cache.GetOrCreateAsync(Key(), Info, Create).AsTask());
            if (i == leaves)
                await leader.CancelAsync();
        }

        await Should.ThrowAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        (await Task.WhenAll(followers)).ShouldAllBe(static result => result.Outcome == CacheOutcome.Shared && result.Response.Text == "answer");
        created.ShouldBe(1);
        cache.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task A_follower_that_leaves_disturbs_nobody()
    {
        var cache = Cache();
        var gate = new TaskCompletionSource<ChatResponse>();
        CancellationToken made = default;
        var leader = cache.GetOrCreateAsync(Key(), Info, token => { made = token; return gate.Task; }).AsTask();
        using var cancel = new CancellationTokenSource();
        var follower = cache.GetOrCreateAsync(Key(), Info, _ => throw new InvalidOperationException(), cancel.Token).AsTask();
        await cancel.CancelAsync();
        (await Should.ThrowAsync<OperationCanceledException>(follower)).CancellationToken.ShouldBe(cancel.Token);
        made.IsCancellationRequested.ShouldBeFalse();
        gate.SetResult(Answer());
        (await leader).Outcome.ShouldBe(CacheOutcome.Miss);
    }

    [Fact]
    public async Task The_work_goes_on_for_followers_when_the_leader_leaves()
    {
        var cache = Cache();
        var gate = new TaskCompletionSource<ChatResponse>();
        CancellationToken made = default;
        using var cancel = new CancellationTokenSource();
        var leader = cache.GetOrCreateAsync(Key(), Info, token => { made = token; return gate.Task; }, cancel.Token).AsTask();
        var follower = cache.GetOrCreateAsync(Key(), Info, _ => throw new InvalidOperationException()).AsTask();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(leader);
        made.IsCancellationRequested.ShouldBeFalse();
        gate.SetResult(Answer());
        (await follower).Outcome.ShouldBe(CacheOutcome.Shared);
        (await cache.GetAsync()).Outcome.ShouldBe(CacheOutcome.Hit);
    }

    [Fact]
    public async Task The_work_is_cancelled_and_wound_down_when_the_last_leaves()
    {
        var cache = Cache();
        var settled = false;
        async Task<ChatResponse> Create(CancellationToken token)
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                return Answer();
            }
            finally
            {
                await Task.Yield();
                settled = true;
            }
        }

        using var one = new CancellationTokenSource();
        using var two = new CancellationTokenSource();
        var leader = cache.GetOrCreateAsync(Key(), Info, Create, one.Token).AsTask();
        var follower = cache.GetOrCreateAsync(Key(), Info, Create, two.Token).AsTask();
        await one.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(leader);
        settled.ShouldBeFalse();
        await two.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(follower);
        settled.ShouldBeTrue();
        (await cache.GetAsync()).Outcome.ShouldBe(CacheOutcome.Miss);
    }

    [Fact]
    public async Task After_a_failure_one_follower_tries_again_for_all()
    {
        var cache = Cache();
        var gate = new TaskCompletionSource<ChatResponse>();
        var created = 0;
        Task<ChatResponse> Create(CancellationToken _) => Interlocked.Increment(ref created) == 1 ? gate.Task : Task.FromResult(Answer());
        var leader = cache.GetOrCreateAsync(Key(), Info, Create).AsTask();
        var followers = Enumerable.Range(0, 20).Select(_ => cache.GetOrCreateAsync(Key(), Info, Create).AsTask()).ToList();
        gate.SetException(new HttpRequestException("down"));
        (await Should.ThrowAsync<HttpRequestException>(leader)).Message.ShouldBe("down");
        var results = await Task.WhenAll(followers);
        created.ShouldBe(2);
        results.Count(result => result.Outcome == CacheOutcome.Miss).ShouldBe(1);
    }

    [Fact]
    public async Task A_lasting_failure_reaches_everybody_after_two_attempts()
    {
        var cache = Cache();
        var gates = Enumerable.Range(0, 30).Select(_ => new TaskCompletionSource<ChatResponse>()).ToList();
        var second = new TaskCompletionSource();
        var created = 0;
        Task<ChatResponse> Create(CancellationToken _)
        {
            var number = Interlocked.Increment(ref created);
            if (number == 2)
                second.SetResult();
            return gates[number - 1].Task;
        }

        var callers = Enumerable.Range(0, 20).Select(_ => cache.GetOrCreateAsync(Key(), Info, Create).AsTask()).ToList();
        gates[0].SetException(new HttpRequestException("1"));
        await second.Task;
        // Until every follower has joined the second attempt, ending it would start a third.
        while (cache.WaitersOf(Key()) < 19)
            await Task.Yield();
        gates[1].SetException(new HttpRequestException("2"));
        foreach (var caller in callers)
            await Should.ThrowAsync<HttpRequestException>(caller);
        created.ShouldBe(2);
        cache.GetStatistics().Entries.ShouldBe(0);
    }

    [Fact]
    public async Task An_answer_that_is_not_kept_is_still_shared()
    {
        var cache = Cache();
        var gate = new TaskCompletionSource<ChatResponse>();
        var broken = new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextContent("x"), new CacheKeyTests.BrokenContent()])) { FinishReason = ChatFinishReason.Length };
        var leader = cache.GetOrCreateAsync(Key(), Info, _ => gate.Task).AsTask();
        var follower = cache.GetOrCreateAsync(Key(), Info, _ => throw new InvalidOperationException()).AsTask();
        gate.SetResult(broken);
        (await leader).Response.ShouldBeSameAs(broken);
        var shared = await follower;
        (shared.Outcome, shared.Response.Text).ShouldBe((CacheOutcome.Shared, "x"));
        shared.Response.ShouldNotBeSameAs(broken);
        shared.Response.Messages[0].ShouldNotBeSameAs(broken.Messages[0]);
    }

    [Fact]
    public async Task Asking_for_the_answer_being_made_from_inside_does_not_wait_for_itself()
    {
        var cache = Cache();
        var result = await cache.GetOrCreateAsync(Key(), Info, async _ =>
        {
            await Task.Yield();
            return (await cache.GetOrCreateAsync(Key("inner"), Info, async _ => (await cache.GetAsync(answer: "inside")).Response)).Response;
        });
        result.Response.Text.ShouldBe("inside");
    }

    [Fact]
    public async Task A_cancelled_caller_makes_nothing_and_null_is_an_error()
    {
        var cache = Cache();
        await Should.ThrowAsync<OperationCanceledException>(
            async () => await cache.GetOrCreateAsync(Key(), Info, _ => throw new InvalidOperationException(), new CancellationToken(true)));
        await Should.ThrowAsync<InvalidOperationException>(async () => await cache.GetOrCreateAsync(Key(), Info, _ => Task.FromResult<ChatResponse>(null!)));
        await Should.ThrowAsync<DivideByZeroException>(async () => await cache.GetOrCreateAsync(Key(), Info, _ => throw new DivideByZeroException()));
        (await cache.GetAsync()).Outcome.ShouldBe(CacheOutcome.Miss);
    }

    [Fact]
    public async Task Callers_that_come_and_go_at_random_never_hang_and_never_see_another_key()
    {
        var cache = Cache(maxBytes: 4_000);
        async Task Caller(int seed)
        {
            var random = new Random(seed);
            for (var i = 0; i < 100; i++)
            {
                var text = $"{random.Next(8)}";
                using var cancel = new CancellationTokenSource();
                var fails = random.Next(10) == 0;
                async Task<ChatResponse> Create(CancellationToken token)
                {
                    await Task.Yield();
                    token.ThrowIfCancellationRequested();
                    return fails ? throw new HttpRequestException() : Answer(text);
                }

                async IAsyncEnumerable<ChatResponseUpdate> Begin([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
                {
                    await foreach (var update in Stream(Update(text), End()))
                    {
                        token.ThrowIfCancellationRequested();
                        yield return fails ? throw new HttpRequestException() : update;
                    }
                }

                try
                {
                    if (random.Next(2) == 0)
                    {
                        var call = cache.GetOrCreateAsync(Key(text), Info, Create, cancel.Token);
                        if (random.Next(4) == 0)
                            await cancel.CancelAsync();
                        (await call).Response.Text.ShouldBe(text);
                    }
                    else
                    {
                        var most = random.Next(4);
                        await foreach (var update in cache.GetOrCreateStreamAsync(Key(text), Info, Begin, cancellationToken: cancel.Token))
                        {
                            (update.Text is "" || update.Text == text).ShouldBeTrue();
                            if (most-- == 0)
                                break;
                        }
                    }
                }
                catch (Exception error) when (error is OperationCanceledException or HttpRequestException)
                {
                }

                if (random.Next(50) == 0)
                    await cache.ClearAsync();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 16).Select(seed => Task.Run(() => Caller(seed)))).WaitAsync(Eventually.Patience, TimeProvider.System);
        cache.InFlight.ShouldBe(0);
    }
}

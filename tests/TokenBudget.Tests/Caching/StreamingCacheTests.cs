using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

public sealed class StreamingCacheTests
{
    private static readonly ChatResponseUpdate[] Parts = [Update("one "), Update("two "), Update("three"), End()];

    private static IAsyncEnumerable<ChatResponseUpdate> Never(CancellationToken _) => throw new InvalidOperationException("must not be made");

    [Fact]
    public async Task A_stream_passes_through_and_is_replayed()
    {
        var cache = Cache();
        var outcomes = new List<CacheOutcome>();
        var first = await cache.GetOrCreateStreamAsync(Key(), Info, _ => Stream(Parts), outcomes.Add).ToListAsync();
        for (var i = 0; i < Parts.Length; i++)
            first[i].ShouldBeSameAs(Parts[i]);
        var second = await cache.GetOrCreateStreamAsync(Key(), Info, Never, outcomes.Add).ToListAsync();
        second.Text().ShouldBe("one two three");
        second.ToChatResponse().FinishReason.ShouldBe(ChatFinishReason.Stop);
        outcomes.ShouldBe([CacheOutcome.Miss, CacheOutcome.Hit]);
    }

    [Fact]
    public async Task Streams_and_whole_answers_share_entries_both_ways()
    {
        var cache = Cache();
        await cache.GetOrCreateStreamAsync(Key("s"), Info, _ => Stream(Parts)).ToListAsync();
        var whole = await cache.GetAsync("s");
        (whole.Outcome, whole.Response.Text, whole.Response.FinishReason).ShouldBe((CacheOutcome.Hit, "one two three", ChatFinishReason.Stop));

        await cache.GetAsync("w");
        (await cache.GetOrCreateStreamAsync(Key("w"), Info, Never).ToListAsync()).ToChatResponse().Usage!.InputTokenCount.ShouldBe(3);
    }

    [Fact]
    public async Task A_replay_loses_no_content()
    {
        var cache = Cache();
        ChatResponseUpdate[] parts =
        [
            new(ChatRole.Assistant, [new TextReasoningContent("thinking")]) { MessageId = "1" },
            new(ChatRole.Assistant, [new TextReasoningContent("") { ProtectedData = "signed" }]) { MessageId = "1" },
            new(ChatRole.Assistant, "text") { MessageId = "1", AdditionalProperties = new() { ["k"] = "v" } },
            new(ChatRole.Assistant, [new DataContent(new byte[] { 1, 2 }, "image/png")]) { MessageId = "1" },
            new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 7 })]) { FinishReason = ChatFinishReason.Stop, MessageId = "1" },
        ];
        var live = (await cache.GetOrCreateStreamAsync(Key(), Info, _ => Stream(parts)).ToListAsync()).ToChatResponse();
        foreach (var hit in new[] { (await cache.GetOrCreateStreamAsync(Key(), Info, Never).ToListAsync()).ToChatResponse(), (await cache.GetAsync()).Response })
        {
            hit.Usage!.InputTokenCount.ShouldBe(7);
            hit.Messages.Single().Contents.Select(content => content.GetType()).ShouldBe(live.Messages.Single().Contents.Select(content => content.GetType()));
            hit.Messages[0].Contents.OfType<TextReasoningContent>().Select(content => (content.Text, content.ProtectedData))
                .ShouldBe(live.Messages[0].Contents.OfType<TextReasoningContent>().Select(content => (content.Text, content.ProtectedData)));
            hit.Messages[0].Contents.OfType<DataContent>().Single().Data.ToArray().ShouldBe([1, 2]);
            hit.Text.ShouldBe("text");
        }
    }

    [Fact]
    public async Task A_stream_that_does_not_end_with_stop_is_not_kept()
    {
        var cache = Cache();
        await cache.GetOrCreateStreamAsync(Key(), Info, _ => Stream(Update("half"), End(ChatFinishReason.Length))).ToListAsync();
        await cache.GetOrCreateStreamAsync(Key(), Info, _ => Stream(Update("cut off"))).ToListAsync();
        await cache.GetOrCreateStreamAsync(Key(), Info, _ => Stream()).ToListAsync();
        var statistics = cache.GetStatistics();
        (statistics.Stored, statistics.Rejected, statistics.Misses).ShouldBe((0, 3, 3));
    }

    [Fact]
    public async Task A_reader_that_breaks_off_keeps_nothing_and_ends_the_source()
    {
        var cache = Cache();
        var disposed = new TaskCompletionSource();
        CancellationToken made = default;
        await foreach (var _ in cache.GetOrCreateStreamAsync(Key(), Info, token => { made = token; return Gated(new SemaphoreSlim(9), disposed, Parts, token); }))
            break;
        disposed.Task.IsCompleted.ShouldBeTrue();
        made.IsCancellationRequested.ShouldBeTrue();
        cache.GetStatistics().Entries.ShouldBe(0);
        cache.InFlight.ShouldBe(0);
        (await cache.GetAsync()).Outcome.ShouldBe(CacheOutcome.Miss);
    }

    [Fact]
    public async Task A_cancelled_reader_ends_the_source_in_the_middle_of_a_wait()
    {
        var cache = Cache();
        var disposed = new TaskCompletionSource();
        using var cancel = new CancellationTokenSource();
        var permits = new SemaphoreSlim(1);
        var reader = cache.GetOrCreateStreamAsync(Key(), Info, token => Gated(permits, disposed, Parts, token)).GetAsyncEnumerator(cancel.Token);
        (await reader.MoveNextAsync()).ShouldBeTrue();
        var next = reader.MoveNextAsync().AsTask();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(next);
        disposed.Task.IsCompleted.ShouldBeTrue();
        cache.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Followers_read_along_and_take_over_when_the_first_reader_leaves()
    {
        var cache = Cache();
        var disposed = new TaskCompletionSource();
        var permits = new SemaphoreSlim(1);
        var outcomes = new List<CacheOutcome>();
        var leader = cache.GetOrCreateStreamAsync(Key(), Info, token => Gated(permits, disposed, Parts, token)).GetAsyncEnumerator();
        (await leader.MoveNextAsync()).ShouldBeTrue();
        var follower = cache.GetOrCreateStreamAsync(Key(), Info, Never, outcomes.Add).GetAsyncEnumerator();
        (await follower.MoveNextAsync()).ShouldBeTrue();
        follower.Current.Text.ShouldBe("one ");
        follower.Current.ShouldNotBeSameAs(leader.Current);
        var whole = cache.GetOrCreateAsync(Key(), Info, _ => throw new InvalidOperationException()).AsTask();

        await leader.DisposeAsync();
        disposed.Task.IsCompleted.ShouldBeFalse();
        permits.Release(9);
        var text = follower.Current.Text;
        while (await follower.MoveNextAsync())
            text += follower.Current.Text;
        await follower.DisposeAsync();
        text.ShouldBe("one two three");
        var shared = await whole;
        (shared.Outcome, shared.Response.Text).ShouldBe((CacheOutcome.Shared, "one two three"));
        outcomes.ShouldBe([CacheOutcome.Shared]);
        var statistics = cache.GetStatistics();
        (statistics.Misses, statistics.Shared, statistics.Stored).ShouldBe((1, 2, 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_thousand_readers_share_one_stream_though_the_first_is_cancelled_and_others_leave(int seed)
    {
        var random = new Random(seed);
        var cache = Cache();
        var permits = new SemaphoreSlim(0);
        var disposed = new TaskCompletionSource();
        var created = 0;
        using var first = new CancellationTokenSource();
        var cancelled = ReadAsync(int.MaxValue, first.Token);
        var readers = Enumerable.Range(0, 999).Select(i => ReadAsync(i % 3 == 0 ? 1 + random.Next(3) : int.MaxValue)).ToList();
        var at = random.Next(Parts.Length);
        for (var i = 0; i < Parts.Length; i++)
        {
            if (i == at)
                await first.CancelAsync();
            permits.Release();
        }

        await Should.ThrowAsync<OperationCanceledException>(() => cancelled);
        var texts = await Task.WhenAll(readers);
        texts.Where((_, i) => i % 3 != 0).ShouldAllBe(static text => text == "one two three");
        created.ShouldBe(1);
        (cache.GetStatistics().Stored, cache.InFlight).ShouldBe((1, 0));

        async Task<string> ReadAsync(int most, CancellationToken cancellationToken = default)
        {
            var text = "";
            var updates = 0;
            await foreach (var update in cache.GetOrCreateStreamAsync(Key(), Info, Create, cancellationToken: cancellationToken))
            {
                text += update.Text;
                if (++updates == most)
                    break;
            }

            return text;
        }

        IAsyncEnumerable<ChatResponseUpdate> Create(CancellationToken token)
        {
            Interlocked.Increment(ref created);
            return Gated(permits, disposed, Parts, token);
        }
    }

    [Fact]
    public async Task A_first_reader_that_stands_still_holds_up_nobody()
    {
        var cache = Cache();
        var text = "";
        await foreach (var _ in cache.GetOrCreateStreamAsync(Key(), Info, _ => Stream(Parts)))
        {
            // Inside the loop of the first reader, which cannot go on until this is through.
            text = (await cache.GetOrCreateStreamAsync(Key(), Info, Never).ToListAsync()).Text();
            break;
        }

        text.ShouldBe("one two three");
        (await cache.GetAsync()).Outcome.ShouldBe(CacheOutcome.Hit);
    }

    [Fact]
    public async Task A_stream_joins_a_whole_answer_in_the_making()
    {
        var cache = Cache();
        var gate = new TaskCompletionSource<ChatResponse>();
        var whole = cache.GetOrCreateAsync(Key(), Info, _ => gate.Task).AsTask();
        var stream = cache.GetOrCreateStreamAsync(Key(), Info, Never).ToListAsync();
        gate.SetResult(Answer("together"));
        (await stream).Text().ShouldBe("together");
        (await whole).Outcome.ShouldBe(CacheOutcome.Miss);
    }

    [Fact]
    public async Task A_broken_stream_is_retried_only_by_who_has_passed_on_nothing()
    {
        var cache = Cache();
        var permits = new SemaphoreSlim(1);
        async IAsyncEnumerable<ChatResponseUpdate> Breaks()
        {
            await permits.WaitAsync();
            yield return Update("one ");
            await permits.WaitAsync();
            throw new HttpRequestException("cut");
        }

        var leader = cache.GetOrCreateStreamAsync(Key(), Info, _ => Breaks()).GetAsyncEnumerator();
        (await leader.MoveNextAsync()).ShouldBeTrue();
        var partial = cache.GetOrCreateStreamAsync(Key(), Info, Never).GetAsyncEnumerator();
        (await partial.MoveNextAsync()).ShouldBeTrue();
        var whole = cache.GetAsync(answer: "second").AsTask();
        permits.Release();
        await Should.ThrowAsync<HttpRequestException>(async () => await leader.MoveNextAsync());
        await Should.ThrowAsync<HttpRequestException>(async () => await partial.MoveNextAsync());
        var result = await whole;
        (result.Outcome, result.Response.Text).ShouldBe((CacheOutcome.Miss, "second"));
    }

    [Fact]
    public async Task What_a_reader_does_to_its_updates_reaches_nobody()
    {
        var cache = Cache();
        await foreach (var update in cache.GetOrCreateStreamAsync(Key(), Info, _ => Stream(Update("one "), Update("two"), End())))
        {
            foreach (var content in update.Contents.OfType<TextContent>())
                content.Text = "changed";
            update.Contents.Clear();
            update.FinishReason = ChatFinishReason.Length;
        }

        (await cache.GetAsync()).Response.Text.ShouldBe("one two");
    }

    [Fact]
    public async Task A_stream_that_does_not_serialize_passes_but_is_not_kept()
    {
        var cache = Cache();
        ChatResponseUpdate[] parts = [Update("x"), new(ChatRole.Assistant, [new CacheKeyTests.BrokenContent()]), End()];
        var updates = await cache.GetOrCreateStreamAsync(Key(), Info, _ => Stream(parts)).ToListAsync();
        updates.Count.ShouldBe(3);
        (cache.GetStatistics().Failures, cache.GetStatistics().Entries).ShouldBe((1, 0));
    }

    [Fact]
    public async Task Asking_for_the_stream_being_made_from_inside_does_not_wait_for_itself()
    {
        var cache = Cache();
        async IAsyncEnumerable<ChatResponseUpdate> Outer()
        {
            await foreach (var update in cache.GetOrCreateStreamAsync(Key(), Info, _ => Stream(Parts)))
                yield return update;
        }

        (await cache.GetOrCreateStreamAsync(Key(), Info, _ => Outer()).ToListAsync()).Text().ShouldBe("one two three");
    }

    [Fact]
    public async Task A_stream_can_be_enumerated_again()
    {
        var cache = Cache();
        var outcomes = new List<CacheOutcome>();
        var stream = cache.GetOrCreateStreamAsync(Key(), Info, _ => Stream(Parts), outcomes.Add);
        (await stream.ToListAsync()).Text().ShouldBe("one two three");
        (await stream.ToListAsync()).Text().ShouldBe("one two three");
        outcomes.ShouldBe([CacheOutcome.Miss, CacheOutcome.Hit]);
    }
}

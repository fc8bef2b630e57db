using TokenBudget.Caching;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.CompilerServices;

public sealed class CacheWarmingTests
{
    private static readonly BudgetSettings Cached = new() { Model = CallSample.Model, Cached = true, CacheScope = CacheScope.Global };

    [Fact]
    public async Task What_was_warmed_is_a_hit_and_equal_calls_are_sent_once()
    {
        await using var sample = new CallSample();
        var client = new FakeChatClient { Otherwise = static request => FakeReply.Text("to " + request.Messages[^1].Text, 10, 1) };
        var method = sample.Bind(client, Cached);
        string[] questions = ["a", "b", "a", "c", "b", "a"];

        var report = await CacheWarming.RunAsync(questions.Select<string, Func<CancellationToken, Task>>(question => token => method.AskAsync(question, token)), maxConcurrency: 3);
        (report.Completed, report.Failures.Count, client.Requests.Count).ShouldBe((6, 0, 3));

        foreach (var question in questions)
            (await method.AskAsync(question)).ShouldBe("to " + question);
        client.Requests.Count.ShouldBe(3);
        // Once more costs nothing.
        (await CacheWarming.RunAsync([token => method.AskAsync("a", token)])).Completed.ShouldBe(1);
        client.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_call_that_fails_is_told_with_its_place_and_the_others_go_on()
    {
        var report = await CacheWarming.RunAsync(Enumerable.Range(0, 20).Select<int, Func<CancellationToken, Task>>(static i => async _ =>
        {
            await Task.Yield();
            if (i % 7 == 3)
                throw new HttpRequestException($"call {i}");
        }));
        report.Completed.ShouldBe(17);
        report.Failures.Select(static failure => (failure.Call, failure.Exception.Message)).ShouldBe([(3, "call 3"), (10, "call 10"), (17, "call 17")]);
        // One that is cancelled by somebody else has failed like any other.
        (await CacheWarming.RunAsync([static _ => throw new OperationCanceledException()])).Failures.Count.ShouldBe(1);
    }

    [Fact]
    public async Task No_more_run_at_a_time_than_may_and_the_list_is_read_as_it_runs()
    {
        var (running, most, read) = (0, 0, 0);
        using var free = new SemaphoreSlim(0);
        var warming = CacheWarming.RunAsync(Calls(), maxConcurrency: 3);
        while (Volatile.Read(ref running) < 3)
            await Task.Yield();
        for (var i = 0; i < 50; i++)
        {
            Volatile.Read(ref read).ShouldBeLessThanOrEqualTo(i + 4);
            free.Release();
            await Task.Yield();
        }

        (await warming).Completed.ShouldBe(50);
        most.ShouldBe(3);

        IEnumerable<Func<CancellationToken, Task>> Calls()
        {
            for (var i = 0; i < 50; i++)
            {
                read++;
                yield return async token =>
                {
                    var now = Interlocked.Increment(ref running);
                    InterlockedMax(ref most, now);
                    await free.WaitAsync(token);
                    Interlocked.Decrement(ref running);
                };
            }
        }

        static void InterlockedMax(ref int target, int value)
        {
            for (var seen = target; value > seen && Interlocked.CompareExchange(ref target, value, seen) != seen;)
                seen = target;
        }
    }

    [Fact]
    public async Task Cancelling_ends_what_runs_and_begins_nothing_more()
    {
        using var cancelling = new CancellationTokenSource();
        var begun = 0;
        var warming = CacheWarming.RunAsync(
            Enumerable.Repeat<Func<CancellationToken, Task>>(
                async token =>
                {
                    Interlocked.Increment(ref begun);
                    await new TaskCompletionSource().Task.WaitAsync(token);
                },
                100),
            maxConcurrency: 2,
            cancelling.Token);
        while (Volatile.Read(ref begun) < 2)
            await Task.Yield();
        await cancelling.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => warming);
        begun.ShouldBe(2);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => CacheWarming.RunAsync([], maxConcurrency: 0));
        await Should.ThrowAsync<ArgumentNullException>(() => CacheWarming.RunAsync(null!));
    }
}

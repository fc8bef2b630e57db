using System.Net;
using Microsoft.Extensions.AI;
using TokenBudget.RateLimiting;
using TokenBudget.Retries;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.Retries;

/// <summary>When everything fails, the load grows by a tenth and not by the number of attempts; and nobody waits longer than is sensible.</summary>
public sealed class RetryBudgetTests
{
    private static readonly List<ChatMessage> Hello = [new(ChatRole.User, "hello there")];
    private static readonly TimeSpan Guard = Eventually.Patience;

    [Theory]
    [InlineData(0.1, 10)]
    [InlineData(0.25, 0)]
    [InlineData(1, 3)]
    [InlineData(0, 5)]
    [InlineData(0, 0)]
    public void Retries_are_never_more_than_the_reserve_or_a_share_of_the_calls(double share, int reserve)
    {
        var budget = new RetryBudget(share, reserve);
        var random = new Random(7);
        var (calls, retries) = (0, 0);
        for (var step = 0; step < 20_000; step++)
        {
            if (random.Next(3) == 0)
            {
                calls++;
                budget.Earn();
            }
            else if (budget.TryTake())
            {
                retries++;
            }

            ((double)retries).ShouldBeLessThanOrEqualTo(Math.Max(reserve, share * calls) + 1e-9);
        }

        retries.ShouldBeGreaterThanOrEqualTo((int)Math.Max(reserve, share * calls) * 3 / 4, "what is saved beyond the reserve is lost, and no more");
    }

    [Fact]
    public async Task Callers_at_the_same_time_take_no_retry_twice()
    {
        var budget = new RetryBudget(0.1, 10);
        var taken = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var call = 0; call < 25_000; call++)
            {
                budget.Earn();
                for (var attempt = 0; attempt < 4; attempt++)
                    if (budget.TryTake())
                        Interlocked.Increment(ref taken);
            }
        })));
        taken.ShouldBeInRange(9_990, 10_000);
    }

    [Fact]
    public async Task A_provider_that_always_fails_gets_a_tenth_more()
    {
        const int Calls = 500;
        await using var sample = new CallSample(static options => options.Retries = new RetryOptions { Seed = 1 });
        var chat = new FakeChatClient { Otherwise = static _ => FakeReply.Fails(new HttpRequestException("down", null, HttpStatusCode.ServiceUnavailable)) };
        var client = sample.Client(chat);
        for (var call = 0; call < Calls; call++)
        {
            var asking = client.GetResponseAsync(Hello);
            await sample.Time.AdvanceUntilAsync(asking);
            await Should.ThrowAsync<HttpRequestException>(() => asking);
        }

        chat.Requests.Count.ShouldBe(Calls + (Calls / 10));
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_provider_that_wants_more_than_the_longest_wait_fails_the_call_at_once_and_holds_the_others_back()
    {
        await using var sample = new CallSample(static options => options.Retries = new RetryOptions { Seed = 1 });
        const string Body = """{"error":{"message":"Rate limit reached for words-1. Please try again in 1h0m0s.","type":"tokens","code":"rate_limit_exceeded"}}""";
        var refusal = new HttpRequestException(Body, null, HttpStatusCode.TooManyRequests);
        var client = sample.Client(new FakeChatClient(FakeReply.Fails(refusal), FakeReply.Text("one", input: 10, output: 1)));

        (await Should.ThrowAsync<HttpRequestException>(() => client.GetResponseAsync(Hello).WaitAsync(Guard))).ShouldBeSameAs(refusal);
        ProviderFailure.Of(refusal)!.Attempts.ShouldBe(1);
        var told = await Should.ThrowAsync<RateLimitExceededException>(() => client.GetResponseAsync(Hello).WaitAsync(Guard));
        told.RetryAfter.ShouldBe(TimeSpan.FromHours(1));
        sample.Time.Advance(TimeSpan.FromMinutes(55));
        var patient = client.GetResponseAsync(Hello);
        patient.IsCompleted.ShouldBeFalse();
        sample.Time.Advance(TimeSpan.FromMinutes(5));
        (await patient.WaitAsync(Guard)).Text.ShouldBe("one");
        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_stream_of_which_nothing_is_heard_ends(int attempts)
    {
        await using var sample = new CallSample(options => options.Retries = new RetryOptions { Seed = 1, MaxAttempts = attempts });
        var silent = new TaskCompletionSource();
        var chat = new FakeChatClient(FakeReply.Text("never") with { Gate = silent.Task }, FakeReply.Text("one", input: 10, output: 1));
        var asking = sample.Client(chat).GetStreamingResponseAsync(Hello).ToChatResponseAsync();
        await chat.ArrivedAsync(1);
        sample.Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        await Task.Yield();
        asking.IsCompleted.ShouldBeFalse();
        sample.Time.Advance(TimeSpan.FromSeconds(1));

        if (attempts == 1)
            (await Should.ThrowAsync<IncompleteReplyException>(() => RunAsync(sample, asking))).Message.ShouldContain("300 s");
        else
            (await RunAsync(sample, asking)).Text.ShouldBe("one");
        sample.ShouldHoldNothing();
    }

    /// <summary>Moves the clock to the next attempt, and to the end of no silence.</summary>
    private static async Task<ChatResponse> RunAsync(CallSample sample, Task<ChatResponse> asking)
    {
        await Eventually.TrueAsync(() =>
        {
            if (!asking.IsCompleted && sample.Time.NextTimer is { } next && next < sample.Options.Retries.StreamSilence)
                sample.Time.Advance(next);
            return asking.IsCompleted;
        });
        return await asking;
    }
}

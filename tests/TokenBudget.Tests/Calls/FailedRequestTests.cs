using System.Net;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Tests.Costs;

namespace TokenBudget.Tests.Calls;

/// <summary>Requests that fail, are cancelled or abandoned are settled all the same.</summary>
public sealed class FailedRequestTests
{
    private static readonly List<ChatMessage> Hello = [new(ChatRole.System, "be brief"), new(ChatRole.User, "hello there")];
    private static readonly HttpRequestException Overloaded = new("overloaded", null, (HttpStatusCode)529);
    private static readonly TimeSpan Guard = Eventually.Patience;

    private static Task<ChatResponse> SendAsync(BudgetedChatClient client, bool streaming, CancellationToken cancellationToken = default) => streaming
        ? client.GetStreamingResponseAsync(Hello, cancellationToken: cancellationToken).ToChatResponseAsync(cancellationToken)
        : client.GetResponseAsync(Hello, cancellationToken: cancellationToken);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_refused_by_the_provider_costs_nothing_and_counts_as_a_request(bool streaming)
    {
        await using var sample = new CallSample();
        var client = sample.Client(new FakeChatClient(FakeReply.Fails(new InvalidOperationException("wrapped", Overloaded))));
        (await Should.ThrowAsync<InvalidOperationException>(() => SendAsync(client, streaming))).InnerException.ShouldBeSameAs(Overloaded);
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        (line.Cost, line.Usage.Total, line.Outcome, line.IsEstimate).ShouldBe((Usd.Zero, 0, LedgerOutcome.Failed, false));
        var limit = sample.Runtime.RateLimits[0];
        (limit.Requests, limit.InputTokens, limit.OutputTokens).ShouldBe((1, 0, 0));
        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(429, 0)]
    [InlineData(null, 1)]
    public async Task An_exception_of_an_sdk_is_a_refusal_when_its_status_is_told(int? status, long leastTokens)
    {
        await using var sample = new CallSample(options => options.StatusOf = exception => exception is TimeoutException ? (HttpStatusCode?)status : null);
        var client = sample.Client(new FakeChatClient(FakeReply.Fails(new InvalidOperationException("wrapped", new TimeoutException()))));
        await Should.ThrowAsync<InvalidOperationException>(() => SendAsync(client, streaming: false));
        (await sample.LinesAsync()).ShouldHaveSingleItem().Usage.Total.ShouldBeGreaterThanOrEqualTo(leastTokens);
        (await sample.LinesAsync())[0].IsEstimate.ShouldBe(status is null);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_stream_that_cannot_be_started_holds_nothing()
    {
        await using var sample = new CallSample();
        var client = sample.Client(new FakeChatClient(FakeReply.Fails(Overloaded) with { FailsBeforeStreaming = true }));
        await Should.ThrowAsync<HttpRequestException>(() => SendAsync(client, streaming: true));
        (await sample.LinesAsync()).ShouldHaveSingleItem().Cost.ShouldBe(Usd.Zero);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_stream_that_fails_when_it_is_closed_holds_nothing()
    {
        await using var sample = new CallSample();
        var client = sample.Client(new FailingToClose());
        await Should.ThrowAsync<IOException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync(Hello))
                break;
        });
        (await sample.LinesAsync()).ShouldHaveSingleItem().Usage.Output.ShouldBe(2);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_connection_lost_without_an_answer_is_charged_at_its_worst_case()
    {
        await using var sample = new CallSample();
        var client = sample.Client(new FakeChatClient(FakeReply.Fails(new IOException("connection reset"))));
        await Should.ThrowAsync<IOException>(() => SendAsync(client, streaming: false));
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        (line.Outcome, line.IsEstimate, line.Usage.Output).ShouldBe((LedgerOutcome.Failed, true, 4_096));
        line.Usage.FreshInput.ShouldBe(15);
        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(RateEstimate.Learned, 20)]
    [InlineData(RateEstimate.UpperBound, 4_096)]
    public async Task When_it_is_known_how_long_answers_are_a_lost_one_is_charged_as_one_of_those(RateEstimate estimate, long charged)
    {
        await using var sample = new CallSample();
        FakeReply[] answers = [.. Enumerable.Repeat(FakeReply.Text("x", input: 15, output: 20), UsageEstimator.AnswersBeforeTrust)];
        var client = sample.Client(new FakeChatClient([.. answers, FakeReply.Fails(new IOException("connection reset"))]), new BudgetSettings { RateEstimate = estimate });
        foreach (var _ in answers)
            await SendAsync(client, streaming: false);
        await Should.ThrowAsync<IOException>(() => SendAsync(client, streaming: false));
        var line = (await sample.LinesAsync())[^1];
        (line.Outcome, line.IsEstimate, line.Usage.FreshInput, line.Usage.Output).ShouldBe((LedgerOutcome.Failed, true, 15, charged));
        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_stream_that_never_ends_is_cut_and_charged(int words)
    {
        await using var sample = new CallSample();
        var fake = new Endless(words);
        var response = await sample.Client(fake, new BudgetSettings { MaxOutputTokens = 100 }).GetStreamingResponseAsync(Hello).ToChatResponseAsync().WaitAsync(Guard);
        // Beyond twice the tokens it may have, and not much beyond.
        response.FinishReason.ShouldBe(ChatFinishReason.Length);
        fake.Words.ShouldBeInRange(264, 330);
        fake.IsClosed.ShouldBeTrue();
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        (line.Outcome, line.IsEstimate, line.Usage.FreshInput, line.Usage.Output).ShouldBe((LedgerOutcome.Failed, true, 15, fake.Words));
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task Answers_of_a_tool_loop_inside_are_each_within_their_bound()
    {
        await using var sample = new CallSample();
        var client = sample.Client(new Endless(words: 1) { AnswerOf = 90, Answers = 5 }, new BudgetSettings { MaxOutputTokens = 100 });
        var response = await client.GetStreamingResponseAsync(Hello).ToChatResponseAsync().WaitAsync(Guard);
        response.FinishReason.ShouldBe(ChatFinishReason.Stop);
        (await sample.LinesAsync()).ShouldHaveSingleItem().Outcome.ShouldBe(LedgerOutcome.Completed);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_charged_for_what_it_produced()
    {
        await using var sample = new CallSample();
        var reply = FakeReply.Text("one two three four five six") with { Failure = Overloaded, UpdatesBeforeFailure = 2 };
        await Should.ThrowAsync<HttpRequestException>(() => SendAsync(sample.Client(new FakeChatClient(reply)), streaming: true));
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        (line.Outcome, line.IsEstimate).ShouldBe((LedgerOutcome.Failed, true));
        line.Usage.ShouldBe(new TokenUsage { FreshInput = 15, Output = 3 });
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_stream_left_early_is_charged_for_its_input_and_what_it_produced()
    {
        await using var sample = new CallSample();
        var client = sample.Client(new FakeChatClient(FakeReply.Text("one two three four five six", input: 100, output: 100)));
        await foreach (var _ in client.GetStreamingResponseAsync(Hello))
            break;
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        (line.Outcome, line.IsEstimate).ShouldBe((LedgerOutcome.Cancelled, true));
        line.Usage.ShouldBe(new TokenUsage { FreshInput = 15, Output = 2 });
        line.Cost.ShouldBe(new Usd((15 * 1_000_000) + (2 * 10_000_000)));
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_stream_left_early_is_charged_for_the_input_it_reported()
    {
        await using var sample = new CallSample();
        var reply = FakeReply.Text("one two three four", input: 1_000, output: 4) with
        {
            EarlierUsages = [new UsageDetails { InputTokenCount = 1_000, CachedInputTokenCount = 900, OutputTokenCount = 1 }],
        };
        var seen = 0;
        await foreach (var _ in sample.Client(new FakeChatClient(reply)).GetStreamingResponseAsync(Hello))
            if (++seen == 3)
                break;
        (await sample.LinesAsync())[0].Usage.ShouldBe(new TokenUsage { FreshInput = 100, CacheRead = 900, Output = 3 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_request_is_settled_as_cancelled(bool streaming)
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("x") with { Gate = new TaskCompletionSource().Task });
        using var cancellation = new CancellationTokenSource();
        var sending = SendAsync(sample.Client(fake, new BudgetSettings { MaxOutputTokens = 50 }), streaming, cancellation.Token);
        await fake.ArrivedAsync(1);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => sending.WaitAsync(Guard));
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        (line.Outcome, line.IsEstimate, line.Usage.FreshInput).ShouldBe((LedgerOutcome.Cancelled, true, 15));
        // Of a stream it is known that nothing came; of a whole answer nothing is known, so the most is charged.
        line.Usage.Output.ShouldBe(streaming ? 0 : 50);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_caller_who_leaves_the_queue_holds_nothing_and_pays_nothing()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("x", 15, 100) };
        var client = sample.Client(fake, new BudgetSettings { TokensPerMinute = 120, MaxOutputTokens = 100 });
        await client.GetResponseAsync(Hello);
        using var cancellation = new CancellationTokenSource();
        var waiting = client.GetResponseAsync(Hello, cancellationToken: cancellation.Token);
        sample.Runtime.RateLimits[0].Waiting.ShouldBe(1);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting.WaitAsync(Guard));
        (await sample.LinesAsync()).Count.ShouldBe(1);
        fake.Requests.Count.ShouldBe(1);
        sample.ShouldHoldNothing();

        var patient = client.GetResponseAsync(Hello);
        sample.Time.Advance(TimeSpan.FromSeconds(60.2));
        await patient.WaitAsync(Guard);
    }

    [Fact]
    public async Task Usage_that_is_repeated_or_grows_in_a_stream_is_counted_once()
    {
        await using var sample = new CallSample();
        static UsageDetails Usage(long? input, long? output, long write = 0) =>
            new() { InputTokenCount = input, OutputTokenCount = output, AdditionalCounts = new() { ["CacheCreationInputTokens"] = write } };
        var growing = FakeReply.Text("x") with { Usage = Usage(100, 40, 30), EarlierUsages = [Usage(100, 1, 30), Usage(100, 20, 30)] };
        var apart = FakeReply.Text("x") with { Usage = Usage(null, 40), EarlierUsages = [Usage(100, null, 30)] };
        var client = sample.Client(new FakeChatClient(growing, apart));
        await SendAsync(client, streaming: true);
        await SendAsync(client, streaming: true);
        foreach (var line in await sample.LinesAsync())
        {
            line.Usage.ShouldBe(new TokenUsage { FreshInput = 70, CacheWrite5Minutes = 30, Output = 40 });
            line.IsEstimate.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Usage_that_falls_in_a_stream_is_reported_in_parts_and_added_up()
    {
        await using var sample = new CallSample();
        static UsageDetails Usage(long input, long output) => new() { InputTokenCount = input, OutputTokenCount = output };
        var client = sample.Client(new FakeChatClient(FakeReply.Text("x") with { Usage = Usage(150, 30), EarlierUsages = [Usage(100, 50), Usage(0, 0)] }));
        await SendAsync(client, streaming: true);
        (await sample.LinesAsync()).ShouldHaveSingleItem().Usage.ShouldBe(new TokenUsage { FreshInput = 250, Output = 80 });
    }

    [Fact]
    public async Task A_report_beyond_all_bounds_neither_throws_nor_frees_the_limits()
    {
        await using var sample = new CallSample();
        var client = sample.Client(new FakeChatClient(FakeReply.Text("x", long.MaxValue, long.MaxValue)), new BudgetSettings { LimitUsd = 10 });
        (await client.GetResponseAsync(Hello)).Text.ShouldBe("x");
        sample.ShouldHoldNothing();
        sample.Runtime.Costs.GetStatus()[0].Settled.ShouldBeGreaterThan(Usd.Zero);
        sample.Runtime.RateLimits[0].InputTokens.ShouldBeGreaterThan(400_000);
    }

    [Fact]
    public async Task A_paid_answer_reaches_its_caller_although_the_ledger_is_down()
    {
        var ledger = new FailingLedger();
        await using var sample = new CallSample(ledger: ledger);
        var client = sample.Client(new FakeChatClient { Otherwise = static _ => FakeReply.Text("paid", 10, 10) });
        await client.GetResponseAsync(Hello);
        ledger.WriteFailure = new IOException("disk full");
        (await client.GetResponseAsync(Hello)).Text.ShouldBe("paid");
        await Should.ThrowAsync<IOException>(() => client.GetResponseAsync(Hello));
        sample.ShouldHoldNothing();
        ledger.WriteFailure = null;
        await client.GetResponseAsync(Hello);
        (await ledger.LinesAsync()).Count.ShouldBe(3);
    }

    /// <summary>Streams words without end, or answers of so many.</summary>
    private sealed class Endless(int words) : IChatClient
    {
        public int Words { get; private set; }

        public int AnswerOf { get; init; } = int.MaxValue;

        public int Answers { get; init; } = 1;

        public bool IsClosed { get; private set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                for (var answer = 0; answer < Answers; answer++)
                {
                    for (var word = 0; word < AnswerOf; word += Math.Max(1, words))
                    {
                        if (word % 10 == 0)
                            await Task.Yield();
                        Words += Math.Max(1, words);
                        var text = string.Concat(Enumerable.Repeat("word ", Math.Max(1, words)));
                        if (words > 0)
                        {
                            yield return new ChatResponseUpdate(ChatRole.Assistant, text);
                            continue;
                        }

                        foreach (var letter in text)
                            yield return new ChatResponseUpdate(ChatRole.Assistant, letter.ToString());
                    }

                    yield return new ChatResponseUpdate(ChatRole.Assistant, []) { FinishReason = ChatFinishReason.Stop };
                }
            }
            finally
            {
                IsClosed = true;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    private sealed class FailingToClose : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                await Task.Yield();
                yield return new ChatResponseUpdate(ChatRole.Assistant, "one two");
            }
            finally
            {
                await Task.FromException(new IOException("closing"));
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}

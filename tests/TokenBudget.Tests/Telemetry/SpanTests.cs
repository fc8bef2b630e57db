using System.Diagnostics;
using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Telemetry;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;
using TokenBudget.Tests.Summarization;

namespace TokenBudget.Tests.Telemetry;

/// <summary>What the spans of a call say, where they stand and when they end.</summary>
public sealed class SpanTests : IAsyncDisposable
{
    private readonly CallSample _sample = new(static options => options.Models = new ModelCatalogue([CallSample.ModelInfo, Cheap]));
    private static readonly ModelInfo Cheap = CallSample.ModelInfo with
    {
        Id = "cheap-1",
        Prices = [new ModelPrices { Rates = CallSample.ModelInfo.Prices[0].Rates with { Output = 1_000_000, Reasoning = 1_000_000 } }],
    };

    private readonly ActivitySource _own = new("the caller's");
    private readonly SpanRecorder _spans;

    public SpanTests() => _spans = new SpanRecorder(_sample.Runtime, _own);

    public async ValueTask DisposeAsync()
    {
        _spans.Dispose();
        _own.Dispose();
        await _sample.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_has_a_span_and_below_it_each_request_with_what_it_used_and_cost(bool streaming)
    {
        Activity? seenInside = null;
        var reply = FakeReply.Text("one two three", 100, 50) with { ModelId = "words-1-0301" };
        reply.Usage!.CachedInputTokenCount = 40;
        var fake = new FakeChatClient
        {
            Otherwise = _ =>
            {
                seenInside = Activity.Current;
                return reply;
            },
        };
        var method = _sample.Bind(fake, new BudgetSettings { MaxOutputTokens = 60 });
        using var around = _own.StartActivity("around")!;

        if (streaming)
        {
            await foreach (var _ in method.StreamAsync("a question"))
            {
                Activity.Current.ShouldBe(around, "the reader's code runs as it would without us");
                _spans.Ended.ShouldBeEmpty("the stream has not ended");
            }
        }
        else
        {
            await method.AskAsync("a question");
        }

        Activity.Current.ShouldBe(around);
        _spans.Ended.Select(static span => span.DisplayName).ShouldBe(["chat words-1", "invoke_agent Writer"]);
        var (request, call) = (_spans["chat words-1"], _spans["invoke_agent Writer"]);
        seenInside.ShouldBe(request, "what the client behind traces stands below");
        (request.ParentSpanId, call.ParentSpanId).ShouldBe((call.SpanId, around.SpanId));
        (request.Kind, call.Kind, request.Status, call.Status).ShouldBe((ActivityKind.Client, ActivityKind.Internal, ActivityStatusCode.Unset, ActivityStatusCode.Unset));
        call.TagObjects.ToDictionary().ShouldBe(new Dictionary<string, object?>
        {
            ["gen_ai.operation.name"] = "invoke_agent", ["gen_ai.agent.name"] = "Writer", ["gen_ai.request.model"] = "words-1", ["tokenbudget.method"] = "Ask",
        }, ignoreOrder: true);
        var line = (await _sample.LinesAsync()).ShouldHaveSingleItem();
        var said = request.TagObjects.ToDictionary();
        ((string[])said["gen_ai.response.finish_reasons"]!).ShouldBe(["stop"]);
        said.Remove("gen_ai.response.finish_reasons");
        said.ShouldBe(new Dictionary<string, object?>
        {
            ["gen_ai.operation.name"] = "chat", ["gen_ai.provider.name"] = "fake", ["gen_ai.agent.name"] = "Writer", ["gen_ai.request.model"] = "words-1", ["tokenbudget.method"] = "Ask",
            ["gen_ai.response.model"] = "words-1-0301", ["gen_ai.usage.input_tokens"] = 100L, ["gen_ai.usage.output_tokens"] = 50L,
            ["gen_ai.usage.cache_read.input_tokens"] = 40L, ["gen_ai.usage.cache_creation.input_tokens"] = 0L,
            ["tokenbudget.attempts"] = 1L, ["tokenbudget.cost.pico_usd"] = line.Cost.PicoDollars, ["tokenbudget.cost"] = (double)line.Cost.Dollars,
            ["tokenbudget.outcome"] = "completed", ["tokenbudget.is_estimate"] = false, ["tokenbudget.throttled"] = 0d,
        }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_stream_left_early_ends_its_spans_there_with_what_was_produced()
    {
        var method = _sample.Bind(new FakeChatClient(FakeReply.Text("one two three four five six", 100, 50)), new BudgetSettings { MaxOutputTokens = 60 });
        await foreach (var _ in method.StreamAsync("a question"))
            break;

        var request = _spans["chat words-1"];
        (request.GetTagItem("tokenbudget.outcome"), request.GetTagItem("tokenbudget.is_estimate"), request.Status).ShouldBe(("cancelled", (object)true, ActivityStatusCode.Unset));
        request.GetTagItem("tokenbudget.cost.pico_usd").ShouldBe((await _sample.LinesAsync()).Single().Cost.PicoDollars);
        _spans["invoke_agent Writer"].Status.ShouldBe(ActivityStatusCode.Unset);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_is_an_error_without_its_words(bool streaming)
    {
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Fails(new InvalidOperationException("canary: your key sk-canary, your prompt canary")) };
        var method = _sample.Bind(fake, systemPrompt: "canary");
        await Should.ThrowAsync<InvalidOperationException>(() => streaming ? method.StreamAsync("canary").ToChatResponseAsync() : method.AskAsync(ReplyFormat.Response, "canary"));

        _spans.Ended.Count.ShouldBe(2);
        foreach (var span in _spans.Ended)
        {
            (span.Status, span.GetTagItem("error.type")).ShouldBe((ActivityStatusCode.Error, typeof(InvalidOperationException).FullName));
            SpanRecorder.TextOf(span).ShouldNotContain("canary");
        }

        _spans["chat words-1"].GetTagItem("tokenbudget.outcome").ShouldBe("failed");
    }

    [Fact]
    public async Task Who_cancels_has_no_error()
    {
        using var stop = new CancellationTokenSource();
        var fake = new FakeChatClient(FakeReply.Text("late") with { Gate = new TaskCompletionSource().Task });
        var asking = _sample.Bind(fake).AskAsync("q", stop.Token);
        await fake.ArrivedAsync(1);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => asking);

        foreach (var span in _spans.Ended)
            (span.Status, span.GetTagItem("tokenbudget.outcome")).ShouldBe((ActivityStatusCode.Unset, "cancelled"));
    }

    [Fact]
    public async Task A_refusal_is_an_error_with_its_reason()
    {
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("Done.", 100, 100) };
        var client = _sample.Client(fake, new BudgetSettings { MaxOutputTokens = 100, LimitUsd = 0.0005m });
        await Should.ThrowAsync<BudgetExceededException>(() => client.GetResponseAsync("q"));
        await _sample.Runtime.Costs.PauseAsync("Writer", "canary: somebody's words");
        await Should.ThrowAsync<BudgetPausedException>(() => client.GetResponseAsync("q"));
        await _sample.Runtime.Costs.ApproveAsync("Writer");
        await Should.ThrowAsync<RateLimitExceededException>(() => _sample.Client(fake, new BudgetSettings { MaxOutputTokens = 100, OutputTokensPerMinute = 50, LimitName = "other" }).GetResponseAsync("q"));

        _spans.Ended.Select(static span => (span.GetTagItem("tokenbudget.outcome"), span.GetTagItem("tokenbudget.reason"), span.Status, span.GetTagItem("error.type"))).ShouldBe(
        [
            ("refused", "budget", ActivityStatusCode.Error, typeof(BudgetExceededException).FullName), ("refused", "paused", ActivityStatusCode.Error, typeof(BudgetPausedException).FullName),
            ("refused", "rate", ActivityStatusCode.Error, typeof(RateLimitExceededException).FullName),
        ]);
        _spans.Ended.ShouldAllBe(static span => !SpanRecorder.TextOf(span).Contains("canary", StringComparison.Ordinal));
        fake.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Waiting_and_trying_again_stand_below_and_all_attempts_are_added_up()
    {
        var fake = new FakeChatClient(FakeReply.Text("first", 10, 90), FakeReply.Fails(new HttpRequestException("no", null, System.Net.HttpStatusCode.InternalServerError)), FakeReply.Text("second", 10, 90));
        var client = _sample.Client(fake, new BudgetSettings { MaxOutputTokens = 100, OutputTokensPerMinute = 150, MaxAttempts = 2 });
        await client.GetResponseAsync("q");
        var waiting = client.GetResponseAsync("q");
        await _sample.Time.AdvanceUntilAsync(waiting);
        await waiting;

        _spans.Ended[0].DisplayName.ShouldBe("chat words-1", "nothing to wait for, nothing told of it");
        var request = _spans.Ended[^1];
        var waits = _spans.Ended.Where(static span => span.DisplayName.StartsWith("wait", StringComparison.Ordinal)).ToList();
        waits.ShouldAllBe(span => span.ParentSpanId == request.SpanId && span.TraceId == request.TraceId);
        waits.Select(static span => span.DisplayName).Distinct().ShouldBe(["wait rate_limit", "wait retry"], ignoreOrder: true);
        var retried = request.Events.ShouldHaveSingleItem();
        (retried.Name, retried.Tags.Single().Key).ShouldBe(("tokenbudget.retry", "error.type"));
        ((double)request.GetTagItem("tokenbudget.throttled")!).ShouldBeGreaterThan(0);
        request.GetTagItem("tokenbudget.attempts").ShouldBe(2L);
        request.GetTagItem("tokenbudget.cost.pico_usd").ShouldBe((await _sample.LinesAsync()).Skip(1).Sum(static line => line.Cost.PicoDollars));
        (request.Status, request.GetTagItem("tokenbudget.outcome")).ShouldBe((ActivityStatusCode.Unset, "completed"));
    }

    [Fact]
    public async Task A_cached_answer_has_no_request_and_says_what_it_avoided()
    {
        var fake = new FakeChatClient(FakeReply.Text("answer", 100, 100));
        var method = _sample.Bind(fake, new BudgetSettings { MaxOutputTokens = 100, Cached = true, CacheScope = CacheScope.Global });
        await method.AskAsync("q");
        await method.AskAsync("q");

        _spans.Ended.Count(static span => span.DisplayName == "chat words-1").ShouldBe(1);
        var calls = _spans.Ended.Where(static span => span.DisplayName == "invoke_agent Writer").ToList();
        calls.Select(static span => span.GetTagItem("tokenbudget.cache.outcome")).ShouldBe(["miss", "hit"]);
        calls[1].GetTagItem("tokenbudget.cost.avoided").ShouldBe((double)(await _sample.LinesAsync()).Single(static line => line.Outcome == LedgerOutcome.Avoided).Cost.Dollars);
    }

    [Fact]
    public async Task Tools_stand_between_the_requests_and_what_they_trace_below_them()
    {
        var fake = new FakeChatClient(FakeReply.Calls(null, Agent.Call("a", "look_up", ("what", "canary"))).With(10, 10), FakeReply.Calls(null, Agent.Call("b", "break")).With(10, 10), FakeReply.Text("Done.", 10, 10));
        var method = _sample.Bind(fake, new BudgetSettings { MaxOutputTokens = 100 });
        Activity? inside = null;
        await method.AskAsync(ReplyFormat.Response, "q", options: new ChatOptions
        {
            Tools =
            [
                AIFunctionFactory.Create((string what) => { inside = Activity.Current; return what; }, "look_up"),
                AIFunctionFactory.Create(static string () => throw new IOException("canary"), "break"),
            ],
        });

        _spans.Ended.Select(static span => span.DisplayName).ShouldBe(["chat words-1", "execute_tool look_up", "chat words-1", "execute_tool break", "chat words-1", "invoke_agent Writer"]);
        _spans.Ended.SkipLast(1).ShouldAllBe(span => span.ParentSpanId == _spans["invoke_agent Writer"].SpanId);
        inside.ShouldBe(_spans["execute_tool look_up"]);
        (_spans["execute_tool break"].Status, _spans["execute_tool break"].GetTagItem("error.type")).ShouldBe((ActivityStatusCode.Error, typeof(IOException).FullName));
        _spans.Ended.ShouldAllBe(static span => !SpanRecorder.TextOf(span).Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_summary_is_made_below_the_call_it_followed()
    {
        var fake = SummarySample.Client(FakeReply.Text("they talked"));
        var conversation = new Conversation();
        await _sample.TalkAsync(_sample.Bind(fake, SummarySample.Settings), conversation, 10);
        await _sample.Runtime.DrainAsync();

        var summary = _spans["summarize"];
        summary.Parent!.DisplayName.ShouldBe("invoke_agent Writer");
        _spans.Ended.Where(span => span.ParentSpanId == summary.SpanId).ShouldHaveSingleItem().DisplayName.ShouldStartWith("chat ");
    }

    /// <summary>As with UseOpenTelemetry() of Microsoft.Extensions.AI, behind the budget or in front of it: who adds up usage over spans finds it once.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_another_span_says_what_was_used_ours_says_what_the_budget_did(bool isInside)
    {
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("Done.", 100, 50) };
        using IChatClient client = isInside
            ? _sample.Client(new TracedClient(fake, _own), new BudgetSettings { MaxOutputTokens = 60 })
            : new TracedClient(_sample.Client(fake, new BudgetSettings { MaxOutputTokens = 60 }), _own);
        await client.GetResponseAsync("q");
        await client.GetStreamingResponseAsync("q").ToChatResponseAsync();

        var ours = _spans.Ended.Where(static span => span.DisplayName == "tokenbudget.request").ToList();
        var theirs = _spans.Ended.Where(static span => span.DisplayName == "chat words-1").ToList();
        (ours.Count, theirs.Count).ShouldBe((2, 2));
        for (var i = 0; i < 2; i++)
        {
            (isInside ? theirs[i].ParentSpanId : ours[i].ParentSpanId).ShouldBe(isInside ? ours[i].SpanId : theirs[i].SpanId);
            ours[i].Kind.ShouldBe(ActivityKind.Internal);
            ours[i].TagObjects.Select(static tag => tag.Key).ShouldBe(
            [
                "gen_ai.agent.name", "gen_ai.request.model", "tokenbudget.method", "tokenbudget.attempts", "tokenbudget.cost.pico_usd", "tokenbudget.cost", "tokenbudget.outcome", "tokenbudget.is_estimate", "tokenbudget.throttled",
            ]);
        }
    }

    [Fact]
    public async Task A_routed_request_names_the_model_it_went_to()
    {
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("Done.", 100, 50) };
        var client = _sample.Client(fake, new BudgetSettings { MaxOutputTokens = 60, LimitUsd = 0.0006m, AtLimit = AtLimit.CheaperModel, WhenBudgetIsLow = "cheap-1" });
        await client.GetResponseAsync("q");

        var request = _spans["chat cheap-1"];
        request.GetTagItem("gen_ai.request.model").ShouldBe("cheap-1");
        request.Events.ShouldHaveSingleItem().Tags.ToDictionary()["tokenbudget.reason"].ShouldBe("LowBudget");
    }

    /// <summary>A store on a disk or a server: what of a call's time is its.</summary>
    [Fact]
    public async Task Writing_the_ledger_stands_below_where_it_takes_time()
    {
        var ledger = new LateLedger();
        await using var sample = new CallSample(ledger: ledger);
        using var spans = new SpanRecorder(sample.Runtime);
        var asking = sample.Client(new FakeChatClient(FakeReply.Text("Done.", 10, 10)), new BudgetSettings { MaxOutputTokens = 100 }).GetResponseAsync("q");
        asking.IsCompleted.ShouldBeFalse();
        ledger.Write.SetResult();
        await asking;

        spans["wait ledger"].ParentSpanId.ShouldBe(spans["chat words-1"].SpanId);
        spans["chat words-1"].GetTagItem("tokenbudget.outcome").ShouldBe("completed");
    }

    /// <summary>Nobody listens to this source: whatever a request tells its span costs a look.</summary>
    [Fact]
    public void Without_a_listener_nothing_is_allocated()
    {
        using var spans = new CallSpans();
        var settled = new SettledRequest { Cost = new Usd(1), InputTokens = 3, OutputTokens = 4, Outcome = "completed" };
        var never = new TaskCompletionSource<int>();
        var waiting = new ValueTask<int>(never.Task);
        Use();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            Use();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Use()
        {
            spans.AreWanted.ShouldBeFalse();
            spans.Settle(settled);
            spans.Refuse("budget");
            spans.Retry(TokenBudget.Retries.ProviderErrorKind.Overloaded);
            spans.Route("m", "r");
            spans.LookUp("hit");
            spans.Avoid(1);
            spans.Start("x").ShouldBeNull();
            _ = spans.WaitAsync("x", waiting);
            _ = spans.WaitAsync("x", never.Task);
        }
    }

    private sealed class LateLedger : ILedger
    {
        private readonly InMemoryLedger _inner = new();

        public TaskCompletionSource Write { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default)
        {
            await Write.Task;
            await _inner.AppendAsync(entry, cancellationToken);
        }

        public ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default) => _inner.SumCostAsync(query, cancellationToken);

        public ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) =>
            _inner.TotalAsync(query, by, cancellationToken);

        public IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default) => _inner.ReadAsync(query, cancellationToken);
    }

    /// <summary>Makes a span by the conventions, and shows its source to whoever asks, as the OpenTelemetry client of Microsoft.Extensions.AI does.</summary>
    private sealed class TracedClient(IChatClient inner, ActivitySource source) : DelegatingChatClient(inner)
    {
        public override object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(ActivitySource) ? source : base.GetService(serviceType, serviceKey);

        public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            using var span = Start();
            return await base.GetResponseAsync(messages, options, cancellationToken);
        }

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            using var span = Start();
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                yield return update;
                Activity.Current = span;
            }
        }

        private Activity? Start() => source.StartActivity("chat words-1", ActivityKind.Client)?.SetTag("gen_ai.operation.name", "chat");
    }
}

using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Summarization;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;
using TokenBudget.Windowing;
using static TokenBudget.Tests.Summarization.SummarySample;

namespace TokenBudget.Tests.Summarization;

/// <summary>Callers that keep the history themselves and send all of it with every call: a summary is found again by the messages it stands for.</summary>
public sealed class CallersHistoryTests
{
    /// <summary>Who sends the history: a method with a list of messages, or a plain chat client.</summary>
    public enum Caller
    {
        Method, StreamingMethod, Client, StreamingClient, WrappedMethod,
    }

    public static TheoryData<Caller> Callers => [.. Enum.GetValues<Caller>()];

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_summary_is_paid_for_once_and_not_with_every_call(Caller caller)
    {
        var talk = new Talk(caller, new InMemoryConversationStore());
        await using var _ = talk;
        await talk.TurnsAsync(10);
        talk.Summaries.ShouldBe(1, "while one waits, no other is made");
        talk.LastSent.Count.ShouldBe(19, "and the prompt that is cached is not changed");

        talk.Pause();
        await talk.TurnsAsync(1);
        talk.LastSent[0].ShouldContain("they talked");
        talk.LastSent.Count.ShouldBe(1 + 21 - 4, "the summary, and what it does not stand for");
        await talk.TurnsAsync(20);
        talk.Summaries.ShouldBe(2);
        talk.History.Count.ShouldBe(62, "the caller's list is the caller's");
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task After_a_restart_it_is_found_in_the_store(Caller caller)
    {
        var store = new InMemoryConversationStore();
        List<ChatMessage> history;
        await using (var talk = new Talk(caller, store))
        {
            await talk.TurnsAsync(3);
            talk.Summaries.ShouldBe(1);
            history = talk.History;
        }

        // It comes back as JSON, as from a browser.
        var again = new Talk(caller, store) { History = [.. history.Select(ChatMessageJson.Write).Select(ChatMessageJson.Read)] };
        await using var _ = again;
        await again.TurnsAsync(1);
        (again.Summaries, again.LastSent.Count).ShouldBe((0, 4));
        again.LastSent[0].ShouldContain("they talked");
    }

    [Fact]
    public async Task What_another_process_has_summarized_is_taken_over_instead_of_paid_again()
    {
        var store = new InMemoryConversationStore();
        await using var one = new Talk(Caller.Method, store);
        await using var other = new Talk(Caller.Method, store);
        other.History = one.History;
        await one.TurnsAsync(2);
        await other.TurnsAsync(1);
        other.Summaries.ShouldBe(1);
        await one.TurnsAsync(1);
        one.Summaries.ShouldBe(0);
        one.Pause();
        await one.TurnsAsync(1);
        one.LastSent[0].ShouldContain("they talked");
    }

    [Fact]
    public async Task Below_the_marks_nobody_is_asked()
    {
        var store = new CountingStore();
        await using var talk = new Talk(Caller.Method, store);
        await talk.TurnsAsync(2);
        store.Calls.ShouldBe(0);
        await talk.TurnsAsync(1);
        store.Calls.ShouldBe(3, "when there may be a summary it is looked up once; a pass asks whether another has made it, and keeps it");
        var calls = store.Calls;
        talk.Pause();
        await talk.TurnsAsync(2);
        (talk.Summaries, store.Calls - calls).ShouldBe((2, 2), "and never again on the caller's path");
    }

    [Fact]
    public async Task Tenants_and_agents_have_nothing_in_common()
    {
        var store = new InMemoryConversationStore();
        List<ChatMessage> history;
        await using (var talk = new Talk(Caller.Method, store) { Tenant = "alice" })
        {
            await talk.TurnsAsync(3);
            history = talk.History;
        }

        await using (var bob = new Talk(Caller.Method, store) { Tenant = "bob", History = [.. history] })
        {
            await bob.TurnsAsync(1);
            string.Concat(bob.LastSent).ShouldNotContain("they talked");
        }

        await using var other = new Talk(Caller.Method, store, agent: "Reader") { Tenant = "alice", History = [.. history] };
        await other.TurnsAsync(1);
        string.Concat(other.LastSent).ShouldNotContain("they talked");
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    public async Task A_summary_is_not_used_where_what_it_stands_for_was_changed(int changed, bool isUsed)
    {
        var store = new InMemoryConversationStore();
        List<ChatMessage> history;
        await using (var talk = new Talk(Caller.Method, store))
        {
            await talk.TurnsAsync(3);
            history = talk.History;
        }

        history[changed] = new ChatMessage(history[changed].Role, "something else");
        await using var again = new Talk(Caller.Method, store) { History = history };
        await again.TurnsAsync(1);
        again.LastSent[0].Contains("they talked", StringComparison.Ordinal).ShouldBe(isUsed);
        again.LastSent.ShouldContain(text => text == "something else");
    }

    [Fact]
    public async Task A_history_that_goes_on_otherwise_than_with_a_turn_keeps_its_calls_and_results_together()
    {
        var store = new InMemoryConversationStore();
        List<ChatMessage> history;
        await using (var talk = new Talk(Caller.Client, store))
        {
            await talk.TurnsAsync(1);
            talk.History.Add(new ChatMessage(ChatRole.User, "question with tools"));
            talk.History.Add(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("a", "tool"), new FunctionCallContent("b", "tool")]));
            talk.History.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("a", "one")]));
            await talk.TurnsAsync(2);
            talk.Summaries.ShouldBe(1);
            history = talk.History;
        }

        var covered = history.FindIndex(5, static message => message.Role == ChatRole.User);
        await using var again = new Talk(Caller.Client, store)
        {
            History = [.. history.Take(covered), new ChatMessage(ChatRole.Tool, [new FunctionResultContent("b", "two")])],
        };
        await again.SendAsync();
        again.Client.Requests.Last(static request => !IsForSummary(request)).Messages
            .SelectMany(static message => message.Contents).OfType<FunctionCallContent>().Select(static call => call.CallId).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task What_stays_whatever_happens_stays_in_order_and_is_not_summarized()
    {
        await using var talk = new Talk(Caller.Client, new InMemoryConversationStore());
        talk.History.Add(new ChatMessage(ChatRole.System, "rules"));
        await talk.TurnsAsync(1);
        talk.History.Add(new ChatMessage(new ChatRole("developer"), "more rules"));
        talk.History.Add(new ChatMessage(ChatRole.User, "a note").Pin());
        await talk.TurnsAsync(3);
        talk.Summaries.ShouldBe(1);
        talk.Client.ForSummaries()[0].Texts[1].ShouldNotContain("rules");
        talk.Client.ForSummaries()[0].Texts[1].ShouldNotContain("a note");

        talk.Pause();
        talk.History[0] = new ChatMessage(ChatRole.System, "rules of another day");
        await talk.TurnsAsync(1);
        talk.LastSent.Take(4).ShouldBe(["rules of another day", "more rules", "a note", talk.LastSent[3]]);
        talk.LastSent[3].ShouldContain("they talked", customMessage: "instructions are not what a history is known by");
    }

    [Fact]
    public async Task Of_two_callers_with_one_history_one_pays()
    {
        await using var talk = new Talk(Caller.Method, new InMemoryConversationStore());
        var gate = new TaskCompletionSource();
        talk.Gate = gate.Task;
        await talk.TurnsAsync(2);
        talk.History.Add(Talk.Message(ChatRole.User, "at once"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => talk.SendAsync(drain: false))).WaitAsync(Guard);
        gate.SetResult();
        await talk.Sample.Runtime.DrainAsync().WaitAsync(Guard);
        talk.Summaries.ShouldBe(1);
    }

    [Fact]
    public async Task A_pass_that_failed_is_not_paid_for_with_every_call()
    {
        await using var talk = new Talk(Caller.Method, new InMemoryConversationStore(), marks: 8) { Summary = FakeReply.Text("") };
        var alerts = new List<SummaryFailure?>();
        talk.Sample.Runtime.AlertRaised += (_, alert) => alerts.Add(alert.Summary);
        await talk.TurnsAsync(6);
        talk.Summaries.ShouldBe(1);
        alerts.ShouldHaveSingleItem()!.Reason.ShouldBe(SummaryFailureReason.Empty);
        alerts[0]!.ConversationId.ShouldStartWith("history-");
        await talk.TurnsAsync(1);
        talk.Summaries.ShouldBe(2, "half of the mark has come since");
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_fails_no_call()
    {
        await using var talk = new Talk(Caller.Method, new CountingStore { Error = new IOException("gone") });
        var alerts = new List<SummaryFailure?>();
        talk.Sample.Runtime.AlertRaised += (_, alert) => alerts.Add(alert.Summary);
        await talk.TurnsAsync(4);
        talk.LastSent.Count.ShouldBe(7);
        talk.Summaries.ShouldBe(0, "what could not be kept is not paid for");
        alerts.ShouldNotBeEmpty();
        alerts.ShouldAllBe(static failure => failure!.Reason == SummaryFailureReason.StoreFailed);
    }

    [Fact]
    public async Task A_wrapped_method_without_anybody_to_write_summaries_is_refused_when_it_is_bound()
    {
        await using var sample = new CallSample();
        Should.Throw<TokenBudgetConfigurationException>(() => sample.Runtime.Bind(CallSample.Policy(Settings))).Message.ShouldContain("SummaryClient");
    }

    [Fact]
    public void What_is_known_is_bounded()
    {
        var known = new HistorySummaries(null);
        var first = known.Of(Key(-1));
        for (var i = 0; i < 999; i++)
            known.Of(Key(i));
        known.Of(Key(-1)).ShouldBeSameAs(first);
        for (var i = 0; i < 999; i++)
            known.Of(Key(1_000 + i));
        known.Of(Key(-1)).ShouldBeSameAs(first, "what is used stays");
        for (var i = 0; i < 2_000; i++)
            known.Of(Key(3_000 + i));
        known.Of(Key(-1)).ShouldNotBeSameAs(first);

        static CacheKey Key(int value)
        {
            var bytes = new byte[CacheKey.Size];
            BitConverter.TryWriteBytes(bytes, value);
            return new CacheKey(bytes);
        }
    }

    [Fact]
    public async Task Histories_of_a_conversation_store_are_forgotten_by_age()
    {
        var store = new InMemoryConversationStore();
        await using var talk = new Talk(Caller.Method, store);
        await talk.TurnsAsync(3);
        (await store.DeleteInactiveAsync(talk.Sample.Time.GetUtcNow().AddMinutes(1))).ShouldBe(1);
        // The process that made it goes on, and keeps the next one where the store has nothing any more.
        talk.Pause();
        await talk.TurnsAsync(3);
        talk.Summaries.ShouldBe(2);
    }

    /// <summary>A caller that keeps its history and sends all of it.</summary>
    private sealed class Talk : IAsyncDisposable
    {
        private readonly Caller _caller;
        private readonly AgentMethod _method;
        private readonly IChatClient _client;
        private int _questions;

        public Talk(Caller caller, IConversationStore store, string agent = "Writer", int marks = 4)
        {
            _caller = caller;
            Client = SummarySample.Client(_ => Summary with { Gate = Gate });
            Sample = new CallSample(options => options.SummaryClient = () => Client, conversations: store);
            var policy = CallSample.Policy(Settings with { SummarizeAfterMessages = marks }) with { Agent = agent };
            _method = caller == Caller.WrappedMethod ? Sample.Runtime.Bind(policy) : Sample.Runtime.Bind(Client, policy);
            _client = Client.WithTokenBudget(Sample.Runtime, policy);
        }

        public CallSample Sample { get; }

        public FakeChatClient Client { get; }

        public FakeReply Summary { get; init; } = FakeReply.Text("they talked");

        public Task Gate { get; set; } = Task.CompletedTask;

        public string? Tenant { get; init; }

        public List<ChatMessage> History { get; set; } = [];

        public int Summaries => Client.ForSummaries().Count;

        public IReadOnlyList<string> LastSent => Client.LastSent();

        public void Pause() => Sample.Pause();

        public static ChatMessage Message(ChatRole role, string text) => new(role, text);

        public async Task TurnsAsync(int turns)
        {
            for (var turn = 0; turn < turns; turn++)
            {
                History.Add(Message(ChatRole.User, $"question {_questions++}"));
                var snapshot = History.ConvertAll(ChatMessageJson.Write);
                var answer = await SendAsync(drain: Gate.IsCompleted);
                History.ConvertAll(ChatMessageJson.Write).ShouldBe(snapshot, "what the caller sends is only read");
                History.Add(Message(ChatRole.Assistant, answer));
            }
        }

        public async Task<string> SendAsync(bool drain = true)
        {
            var answer = await AnswerAsync().WaitAsync(Guard);
            if (drain)
                await Sample.Runtime.DrainAsync().WaitAsync(Guard);
            return answer;
        }

        public ValueTask DisposeAsync() => Sample.DisposeAsync();

        private async Task<string> AnswerAsync()
        {
            switch (_caller)
            {
                case Caller.Client:
                    return (await _client.GetResponseAsync(History)).Text;
                case Caller.StreamingClient:
                    return (await _client.GetStreamingResponseAsync(History).ToChatResponseAsync()).Text;
                default:
                    var call = _method.Begin();
                    call.Scope(Tenant);
                    call.Messages("history", History);
                    return _caller switch
                    {
                        Caller.StreamingMethod => (await call.StreamAsync(default).ToChatResponseAsync()).Text,
                        Caller.WrappedMethod => await call.WrapAsync(
                            ReplyFormat.Text, static async (client, messages, token) => (await client.GetResponseAsync(messages, cancellationToken: token)).Text, Client, default),
                        _ => await call.InvokeAsync(ReplyFormat.Text, default),
                    };
            }
        }
    }

    private sealed class CountingStore : IConversationStore
    {
        private readonly InMemoryConversationStore _inner = new();
        private int _calls;

        public int Calls => _calls;

        public Exception? Error { get; init; }

        public ValueTask<long> AppendTurnAsync(string id, long version, IReadOnlyList<CountedMessage> turn, CancellationToken cancellationToken = default) =>
            Note(_inner.AppendTurnAsync(id, version, turn, cancellationToken));

        public ValueTask<ConversationSlice> ReadAsync(string id, int maxTokens, CancellationToken cancellationToken = default) =>
            Note(_inner.ReadAsync(id, maxTokens, cancellationToken));

        public ValueTask<bool> SaveSummaryAsync(string id, ConversationSummary summary, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<CountedMessage> ReadHistoryAsync(string id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<ConversationSummary>> ReadSummariesAsync(string id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<int> DeleteInactiveAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        private ValueTask<T> Note<T>(ValueTask<T> result)
        {
            Interlocked.Increment(ref _calls);
            return Error is null ? result : throw Error;
        }
    }
}

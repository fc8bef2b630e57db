using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using TokenBudget.Caching;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Tests.Caching;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.Costs;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>Answers to questions in other words. The embeddings say that all texts are the same, so that nothing but our own rules keeps them apart.</summary>
public sealed class SimilarCallTests
{
    private const string Question = "How do I reset my password?";
    private const string Reworded = "Hello, how can I reset my password please?";

    private static readonly BudgetSettings Similar = new() { Model = CallSample.Model, Cached = true, CacheSimilarity = 0.9 };

    private readonly VirtualTimeProvider _time = new();
    private readonly FakeEmbeddings _embeddings = new();
    private readonly FakeChatClient _client = new() { Otherwise = static request => FakeReply.Text("to: " + request.Messages[^1].Text, 100, 10) with { ModelId = CallSample.Model } };

    [Fact]
    public async Task Other_words_get_the_answer_marked_with_its_similarity_free_and_booked_as_avoided()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        _embeddings.VectorOf = static text => text == Question ? [2, 0] : [0.96f, 0.28f];
        (await AskAsync(method, Question)).Text.ShouldBe("to: " + Question);
        var similar = await AskAsync(method, Reworded);
        similar.Text.ShouldBe("to: " + Question);
        similar.AdditionalProperties!["tokenbudget.cache"].ShouldBe("similar");
        ((double)similar.AdditionalProperties["tokenbudget.cache.similarity"]!).ShouldBe(0.96, 0.001);
        similar.Usage!.TotalTokenCount.ShouldBe(0);
        _client.Requests.Count.ShouldBe(1);

        var lines = await LinesAsync(runtime);
        var avoided = lines.Where(static line => line.Outcome == LedgerOutcome.Avoided).ShouldHaveSingleItem();
        avoided.Cost.ShouldBe(Usd.FromDollars(0.0002m));
        runtime.GetSimilarityStatistics().ShouldSatisfyAllConditions(
            static statistics => (statistics.Hits, statistics.Misses, statistics.Guarded).ShouldBe((1, 1, 0)),
            static statistics => (statistics.Embeddings, statistics.Failures, statistics.Entries).ShouldBe((2, 0, 1)),
            static statistics => statistics.Bytes.ShouldBeGreaterThan(0));
        runtime.Cache.GetStatistics().ShouldSatisfyAllConditions(
            static statistics => (statistics.Hits, statistics.Misses).ShouldBe((1, 1)),
            static statistics => (statistics.AvoidedInputTokens, statistics.AvoidedOutputTokens).ShouldBe((100, 10)));
    }

    [Theory]
    [InlineData("How do I not reset my password?")]
    [InlineData("How do I reset my 2 passwords?")]
    [InlineData("How do I reset my password at Contoso?")]
    [InlineData("How do I reset his password?")]
    [InlineData("How do I delete my password?")]
    public async Task A_hostile_neighbour_is_asked_anew(string hostile)
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        await AskAsync(method, Question);
        (await AskAsync(method, hostile)).Text.ShouldBe("to: " + hostile);
        runtime.GetSimilarityStatistics().ShouldSatisfyAllConditions(
            static statistics => (statistics.Hits, statistics.Guarded).ShouldBe((0, 1)));
    }

    [Fact]
    public async Task Another_tenant_another_system_prompt_other_options_and_another_history_are_asked_anew()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        var other = runtime.Bind(_client, CallSample.Policy(Similar) with { SystemPrompt = "Be rude." });
        await AskAsync(method, Question);
        await AskAsync(method, Reworded, tenant: "bob");
        await AskAsync(other, Reworded);
        await AskAsync(method, Reworded, options: new ChatOptions { Seed = 7 });
        await AskAsync(method, Reworded, history: [new ChatMessage(ChatRole.User, "I am Bob"), new ChatMessage(ChatRole.Assistant, "Hello Bob")]);
        await AskAsync(method, Reworded, history: [new ChatMessage(ChatRole.User, "I am Eve"), new ChatMessage(ChatRole.Assistant, "Hello Bob")]);
        _client.Requests.Count.ShouldBe(6);
        // And with all that the same, it is not.
        await AskAsync(method, "how do I reset my password", history: [new ChatMessage(ChatRole.User, "I am Eve"), new ChatMessage(ChatRole.Assistant, "Hello Bob")]);
        await AskAsync(method, "how do I reset my password", tenant: "bob");
        _client.Requests.Count.ShouldBe(6);
    }

    [Fact]
    public async Task What_a_user_wrote_and_nobody_says_for_whom_is_not_even_embedded()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        await AskAsync(method, Question, tenant: null);
        await AskAsync(method, Reworded, tenant: null);
        (_client.Requests.Count, _embeddings.Requests).ShouldBe((2, 0));
    }

    [Fact]
    public async Task Of_a_prompt_the_user_s_text_alone_is_compared_and_all_other_values_are_exact()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        await PromptAsync("support", 1, Question);
        await PromptAsync("support", 1, Reworded);
        _client.Requests.Count.ShouldBe(1);
        _embeddings.Texts.ShouldBe([Question, Reworded]);
        await PromptAsync("sales", 1, Reworded);
        await PromptAsync("support", 2, Reworded);
        _client.Requests.Count.ShouldBe(3);

        async Task PromptAsync(string team, int level, string text)
        {
            var call = method.Begin();
            call.Scope("alice");
            call.Literal("You work in ");
            call.Value("team", team);
            call.Literal(", level ");
            call.Value("level", level);
            call.Literal(". Answer: ");
            call.Value("text", text);
            call.Literal(" Be short.");
            call.EndUserMessage();
            await call.InvokeAsync(ReplyFormat.Text, default);
        }
    }

    [Fact]
    public async Task A_prompt_of_numbers_and_choices_alone_has_nothing_to_compare()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        for (var level = 1; level <= 2; level++)
        {
            var call = method.Begin();
            call.Literal("Explain level ");
            call.Value("level", level);
            call.EndUserMessage();
            await call.InvokeAsync(ReplyFormat.Text, default);
        }

        (_client.Requests.Count, _embeddings.Requests).ShouldBe((2, 0));
    }

    [Fact]
    public async Task A_call_can_raise_the_threshold_but_not_lower_it_and_nobody_else_sees_the_property()
    {
        _embeddings.VectorOf = static text => text == Question ? [1, 0] : text == Reworded ? [0.96f, 0.28f] : [0.85f, 0.5268f];
        foreach (var raised in (object[])[0.97, 0.97f, 0.97m, 2])
        {
            await using var strict = Runtime();
            await AskAsync(Bind(strict), Question);
            var options = new ChatOptions { AdditionalProperties = new() { ["tokenbudget.similarity"] = raised } };
            (await AskAsync(Bind(strict), Reworded, options: options)).Text.ShouldBe("to: " + Reworded);
            _client.Requests[^1].Options!.AdditionalProperties.ShouldBeNull();
            options.AdditionalProperties.Count.ShouldBe(1);
        }

        await using var runtime = Runtime();
        var method = Bind(runtime);
        await AskAsync(method, Question);
        var lowered = new ChatOptions { AdditionalProperties = new() { ["tokenbudget.similarity"] = 0.1 } };
        (await AskAsync(method, Reworded, options: lowered)).Text.ShouldBe("to: " + Question);
        // 0.85 is too far for the method, whatever the call says.
        (await AskAsync(method, "how do I reset my password", options: lowered)).Text.ShouldBe("to: how do I reset my password");
        var wrong = new ChatOptions { AdditionalProperties = new() { ["tokenbudget.similarity"] = "high" } };
        (await Should.ThrowAsync<ArgumentException>(() => AskAsync(method, Question, options: wrong))).Message.ShouldContain("'high'");
    }

    [Fact]
    public async Task The_embedding_is_charged_to_the_method_s_budget_and_to_the_reply()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime, Similar with { LimitUsd = 1 });
        var call = method.Begin();
        call.Scope("alice");
        call.UserMessage("q", Question);
        var reply = await call.InvokeReplyAsync(ReplyFormat.Text, default);
        var line = (await LinesAsync(runtime)).Where(static line => line.Model == FakeEmbeddings.Model).ShouldHaveSingleItem();
        (line.Agent, line.Method, line.Tenant, line.Usage.FreshInput, line.IsEstimate).ShouldBe(("Writer", "Ask", "alice", 5, false));
        line.Cost.ShouldBe(new Usd(5 * 20_000));
        reply.Cost.ShouldBe(Usd.FromDollars(0.0002m) + line.Cost);
        runtime.Costs.GetStatus().ShouldAllBe(static budget => budget.Reserved == Usd.Zero);
        runtime.Costs.GetStatus().Where(static budget => budget.Limit is not null).ShouldHaveSingleItem().Settled.ShouldBe(reply.Cost);

        // What the generator does not report is counted here.
        _embeddings.Usage = null;
        await AskAsync(method, "Something else entirely");
        (await LinesAsync(runtime)).Last(static line => line.Model == FakeEmbeddings.Model).ShouldSatisfyAllConditions(
            static estimate => estimate.IsEstimate.ShouldBeTrue(), static estimate => estimate.Usage.FreshInput.ShouldBeGreaterThan(0));
    }

    /// <summary>Should the process be killed meanwhile, the ledger says who may have spent how much on what.</summary>
    [Fact]
    public async Task An_embedding_stands_in_the_ledger_before_it_is_asked_for()
    {
        var ledger = new AheadLedger();
        await using var runtime = Runtime(ledger);
        ledger.Reserving = line =>
        {
            if (line.Model == FakeEmbeddings.Model)
                _embeddings.Requests.ShouldBe(0);
        };
        await AskAsync(Bind(runtime, Similar with { LimitUsd = 1 }), Question);

        var ahead = ledger.Reserved.Where(static line => line.Model == FakeEmbeddings.Model).ShouldHaveSingleItem();
        (ahead.Agent, ahead.Method, ahead.Tenant, ahead.Budget, ahead.Outcome, ahead.IsEstimate).ShouldBe(("Writer", "Ask", "alice", "Writer", LedgerOutcome.Reserved, true));
        var settled = (await LinesAsync(runtime)).Single(line => line.Id == ahead.Id);
        settled.Outcome.ShouldBe(LedgerOutcome.Completed);
        settled.Cost.ShouldBeInRange(new Usd(1), ahead.Cost);
        (await LinesAsync(runtime)).ShouldAllBe(static line => line.Outcome == LedgerOutcome.Completed);
    }

    [Fact]
    public async Task No_room_for_an_embedding_is_a_miss_that_pauses_no_budget()
    {
        await using var runtime = Runtime();
        // Room for the answer's own worst case is asked for by the request itself.
        var method = Bind(runtime, Similar with { LimitUsd = 0.0000001m, AtLimit = AtLimit.Pause });
        var exception = await Should.ThrowAsync<BudgetPausedException>(() => AskAsync(method, Question));
        exception.Requested.ShouldBeGreaterThan(Usd.FromDollars(0.001m));
        _embeddings.Requests.ShouldBe(0);
        runtime.GetSimilarityStatistics().Failures.ShouldBe(1);
    }

    [Fact]
    public async Task A_generator_that_fails_lies_or_hangs_is_a_miss_and_left_alone_after_five_times()
    {
        await using var runtime = Runtime(embeddingTimeout: TimeSpan.FromMilliseconds(200));
        var method = Bind(runtime);
        await AskAsync(method, Question);
        var faults = new (Func<string, float[]>? Vector, Func<CancellationToken, Task>? Before)[]
        {
            (null, static _ => throw new HttpRequestException("no route")),
            (static _ => [], null),
            (static _ => [float.NaN, 1], null),
            (static _ => [0, 0], null),
            (null, static token => new TaskCompletionSource().Task.WaitAsync(token)),
        };
        var number = 0;
        foreach (var (vector, before) in faults)
        {
            _embeddings.VectorOf = vector ?? (static _ => [1, 0]);
            _embeddings.Before = before ?? (static _ => Task.CompletedTask);
            var asking = AskAsync(method, $"{Question} {new string('!', ++number)}");
            if (number == faults.Length)
            {
                while (_embeddings.Requests < 6 || _time.NextTimer != TimeSpan.FromMilliseconds(200))
                    await Task.Yield();
                _time.Advance(TimeSpan.FromMilliseconds(200));
            }

            (await asking).Text.ShouldStartWith("to: How");
        }

        _client.Requests.Count.ShouldBe(6);
        runtime.GetSimilarityStatistics().ShouldSatisfyAllConditions(
            static statistics => (statistics.Failures, statistics.IsPaused).ShouldBe((5, true)));
        (_embeddings.VectorOf, _embeddings.Before) = (static _ => [1, 0], static _ => Task.CompletedTask);
        await AskAsync(method, Reworded);
        (_client.Requests.Count, _embeddings.Requests).ShouldBe((7, 6));
        _time.Advance(TimeSpan.FromSeconds(31));
        (await AskAsync(method, "how can I reset my password")).Text.ShouldBe("to: " + Question);

        // What hung may have been worked on; what never got there, or said a status, is another matter.
        var failed = (await LinesAsync(runtime)).Where(static line => line.Model == FakeEmbeddings.Model && line.Outcome is LedgerOutcome.Cancelled).ToList();
        failed.ShouldHaveSingleItem().Cost.ShouldBeGreaterThan(Usd.Zero);
        runtime.Costs.GetStatus().ShouldAllBe(static budget => budget.Reserved == Usd.Zero);
    }

    [Fact]
    public async Task A_ledger_that_fails_does_not_fail_the_comparison()
    {
        var ledger = new FailingLedger();
        await using var runtime = Runtime(ledger: ledger);
        var method = Bind(runtime);
        await AskAsync(method, Question);
        ledger.WriteFailure = new IOException("full");
        (await AskAsync(method, Reworded)).Text.ShouldBe("to: " + Question);
    }

    [Fact]
    public async Task Streamed_or_not_it_is_the_same_answer()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        (await StreamAsync(method, Question)).Text().ShouldBe("to: " + Question);
        var updates = await StreamAsync(method, Reworded);
        updates.Text().ShouldBe("to: " + Question);
        updates[0].AdditionalProperties!["tokenbudget.cache"].ShouldBe("similar");
        updates[0].AdditionalProperties!["tokenbudget.cache.similarity"].ShouldBe(1d);
        updates.SelectMany(static update => update.Contents).OfType<UsageContent>().ShouldBeEmpty();
        (await AskAsync(method, "how can I reset my password")).Text.ShouldBe("to: " + Question);
        _client.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_that_was_cleared_or_is_too_old_serves_nobody()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        await AskAsync(method, Question);
        await runtime.Cache.ClearScopeAsync("alice");
        await AskAsync(method, Reworded);
        _client.Requests.Count.ShouldBe(2);
        _time.Advance(TimeSpan.FromMinutes(61));
        await AskAsync(method, "how can I reset my password");
        _client.Requests.Count.ShouldBe(3);
        runtime.GetSimilarityStatistics().Entries.ShouldBe(1);
    }

    [Fact]
    public async Task A_similar_answer_is_not_kept_as_the_answer_to_the_question_it_served_for()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        await AskAsync(method, Question);
        for (var i = 0; i < 3; i++)
            (await AskAsync(method, Reworded)).AdditionalProperties!["tokenbudget.cache"].ShouldBe("similar");
        runtime.Cache.GetStatistics().Entries.ShouldBe(1);
        runtime.GetSimilarityStatistics().Entries.ShouldBe(1);
        (await AskAsync(method, Question)).AdditionalProperties!["tokenbudget.cache"].ShouldBe("hit");
    }

    [Fact]
    public async Task A_thousand_equal_calls_at_once_make_one_embedding_and_one_request()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        var gate = new TaskCompletionSource();
        _embeddings.Before = _ => gate.Task;
        var calls = Enumerable.Range(0, 1_000).Select(_ => AskAsync(method, Question)).ToList();
        gate.SetResult();
        (await Task.WhenAll(calls)).ShouldAllBe(static response => response.Text == "to: " + Question);
        (_embeddings.Requests, _client.Requests.Count).ShouldBe((1, 1));
        (await LinesAsync(runtime)).Count(static line => line.Model == FakeEmbeddings.Model).ShouldBe(1);
    }

    [Fact]
    public async Task A_caller_who_leaves_does_not_take_the_embedding_from_the_others()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        var gate = new TaskCompletionSource();
        _embeddings.Before = _ => gate.Task;
        using var leaving = new CancellationTokenSource();
        var first = AskAsync(method, Question, cancellationToken: leaving.Token);
        var second = AskAsync(method, Question);
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        (await second).Text.ShouldBe("to: " + Question);
        _embeddings.Requests.ShouldBe(1);
    }

    [Fact]
    public async Task A_text_too_long_to_be_judged_is_not_compared()
    {
        await using var runtime = Runtime();
        var method = Bind(runtime);
        await AskAsync(method, new string('x', 1_001));
        await AskAsync(method, new string('x', 1_002));
        (_client.Requests.Count, _embeddings.Requests).ShouldBe((2, 0));
    }

    [Fact]
    public async Task A_similarity_that_cannot_work_is_refused_when_the_method_is_bound()
    {
        await using var without = new TokenBudgetRuntime(Options());
        Should.Throw<TokenBudgetConfigurationException>(() => Bind(without)).Message.ShouldContain("IEmbeddingGenerator");
        await using var runtime = Runtime();
        Should.Throw<TokenBudgetConfigurationException>(() => Bind(runtime, Similar with { CacheSimilarity = 0.79 })).Message.ShouldContain("0.79");
        await using var unpriced = new TokenBudgetRuntime(Options(priced: false), embeddings: _embeddings);
        Should.Throw<TokenBudgetConfigurationException>(() => Bind(unpriced)).Message.ShouldContain(FakeEmbeddings.Model);
        var allowed = Options(priced: false);
        allowed.AllowUnknownPrices = true;
        await using var free = new TokenBudgetRuntime(allowed, embeddings: _embeddings);
        Bind(free);
        Should.Throw<TokenBudgetConfigurationException>(() => Bind(free, Similar with { LimitUsd = 1 })).Message.ShouldContain(FakeEmbeddings.Model);
    }

    [Fact]
    public async Task The_generator_of_embeddings_is_taken_from_the_services()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(_embeddings).AddTokenBudget(static options => options.Models = Options().Models);
        await using var provider = services.BuildServiceProvider();
        await AskAsync(Bind(provider.GetRequiredService<TokenBudgetRuntime>()), "How do I reset my password?");
        _embeddings.Requests.ShouldBe(1);
    }

    private static TokenBudgetOptions Options(bool priced = true) => new()
    {
        Retries = { MaxAttempts = 1 },
        Models = new ModelCatalogue(
        [
            CallSample.ModelInfo,
            .. priced ? [new ModelInfo { Id = FakeEmbeddings.Model, Provider = "openai", Prices = [new ModelPrices { Rates = new TokenRates { Input = 20_000, Output = 0, Reasoning = 0, CacheRead = 20_000, CacheWrite5Minutes = 20_000, CacheWrite1Hour = 20_000 } }] }] : Array.Empty<ModelInfo>(),
        ]),
    };

    private static Task<ChatResponse> AskAsync(
        AgentMethod method, string text, string? tenant = "alice", ChatOptions? options = null, List<ChatMessage>? history = null, CancellationToken cancellationToken = default)
    {
        var call = method.Begin();
        call.Scope(tenant);
        call.Options(options);
        if (history is not null)
            call.Messages("history", history);
        call.UserMessage("q", text);
        return call.InvokeAsync(ReplyFormat.Response, cancellationToken);
    }

    private static Task<List<ChatResponseUpdate>> StreamAsync(AgentMethod method, string text)
    {
        var call = method.Begin();
        call.Scope("alice");
        call.UserMessage("q", text);
        return call.StreamAsync(default).ToListAsync();
    }

    private static async Task<List<LedgerEntry>> LinesAsync(TokenBudgetRuntime runtime)
    {
        var lines = new List<LedgerEntry>();
        await foreach (var line in runtime.Ledger.ReadAsync(new LedgerQuery()))
            lines.Add(line);
        return lines;
    }

    private AgentMethod Bind(TokenBudgetRuntime runtime, BudgetSettings? settings = null) => runtime.Bind(_client, CallSample.Policy(settings ?? Similar));

    private TokenBudgetRuntime Runtime(ILedger? ledger = null, TimeSpan? embeddingTimeout = null)
    {
        var options = Options();
        options.CacheSimilarityTimeout = embeddingTimeout ?? options.CacheSimilarityTimeout;
        return new TokenBudgetRuntime(options, ledger, time: _time, embeddings: _embeddings);
    }
}

using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.Calls;

/// <summary>What is sent, what is refused before, and what is learned.</summary>
public sealed class BudgetedChatClientTests
{
    private static readonly List<ChatMessage> Hello = [new(ChatRole.System, "be brief"), new(ChatRole.User, "hello there")];

    // Two messages of 4 and their 2 words each, and 3 in front of the answer.
    private const int HelloTokens = 15;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streaming_and_not_settle_alike(bool streaming)
    {
        await using var sample = new CallSample();
        var reply = FakeReply.Text("one two three", input: 100, output: 7);
        reply.Usage!.CachedInputTokenCount = 40;
        var client = sample.Client(new FakeChatClient(reply));
        var response = streaming ? await client.GetStreamingResponseAsync(Hello).ToChatResponseAsync() : await client.GetResponseAsync(Hello);
        response.Text.ShouldBe("one two three");
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        line.ShouldSatisfyAllConditions(
            () => line.Usage.ShouldBe(new TokenUsage { FreshInput = 60, CacheRead = 40, Output = 7 }),
            () => line.Cost.ShouldBe(new Usd((60 * 1_000_000) + (40 * 100_000) + (7 * 10_000_000))),
            () => (line.Agent, line.Method, line.Model, line.Budget, line.Tenant).ShouldBe(("Writer", "Ask", CallSample.Model, "Writer", null)),
            () => (line.Outcome, line.IsEstimate, line.At).ShouldBe((LedgerOutcome.Completed, false, sample.Time.GetUtcNow())));
        var limit = sample.Runtime.RateLimits.ShouldHaveSingleItem();
        (limit.Requests, limit.InputTokens, limit.OutputTokens).ShouldBe((1, 100, 7));
        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData("audio/wav", 5)]
    [InlineData("video/mp4", 5)]
    [InlineData("image/png", 1)]
    public async Task What_may_be_billed_as_audio_is_reserved_at_its_price(string mediaType, int times)
    {
        var loud = CallSample.ModelInfo with { Prices = [new ModelPrices { Rates = CallSample.ModelInfo.Prices[0].Rates with { AudioInput = 5_000_000 } }] };
        Usd[] held = [await HeldAsync(CallSample.ModelInfo), await HeldAsync(loud)];
        held[1].ShouldBe(new Usd(held[0].PicoDollars + ((times - 1) * (held[0].PicoDollars - (100 * 10_000_000)))));

        async Task<Usd> HeldAsync(ModelInfo model)
        {
            var held = Usd.Zero;
            await using var sample = new CallSample(options => options.Models = new ModelCatalogue([model]));
            var reply = FakeReply.Text("one");
            var client = sample.Client(
                new FakeChatClient { Otherwise = _ => { held = sample.Runtime.Costs.GetStatus().Single().Reserved; return reply; } },
                new BudgetSettings { Model = model.Id, MaxOutputTokens = 100 });
            await client.GetResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("Listen."), new DataContent(new byte[4_000], mediaType)])]);
            return held;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_hundred_whole_answers_less_than_the_longest_is_held(bool streaming)
    {
        await using var sample = new CallSample();
        var chat = new FakeChatClient { Otherwise = static _ => FakeReply.Text("one two three", input: 15, output: 40) };
        var client = sample.Client(chat, new BudgetSettings { MaxOutputTokens = 4_000 });
        for (var answer = 0; answer < 100; answer++)
            await AskAsync(Hello);
        // What fails, or reports nothing, teaches nothing.
        for (var failure = 0; failure < 50; failure++)
        {
            chat.Add(FakeReply.Fails(new HttpRequestException("no", null, System.Net.HttpStatusCode.BadRequest)));
            await Should.ThrowAsync<HttpRequestException>(() => AskAsync(Hello));
            chat.Add(FakeReply.Text("short"));
            await AskAsync(Hello);
        }

        sample.Time.Advance(TimeSpan.FromMinutes(2));
        var gate = new TaskCompletionSource();
        chat.Add(FakeReply.Text("one", input: 15, output: 1) with { Gate = gate.Task });
        var open = AskAsync(Hello);
        await chat.ArrivedAsync(201);

        var limit = sample.Runtime.RateLimits.ShouldHaveSingleItem();
        (limit.Open, limit.OutputTokens).ShouldBe((1, 40));
        gate.SetResult();
        await open;

        async Task<ChatResponse> AskAsync(List<ChatMessage> messages) =>
            streaming ? await client.GetStreamingResponseAsync(messages).ToChatResponseAsync() : await client.GetResponseAsync(messages);
    }

    [Fact]
    public async Task A_stream_that_tells_its_input_first_frees_what_was_held_for_more()
    {
        await using var sample = new CallSample();
        var reply = FakeReply.Text("one two three", input: 5, output: 3) with { EarlierUsages = [new UsageDetails { InputTokenCount = 5, OutputTokenCount = 1 }] };
        var client = sample.Client(new FakeChatClient(reply));
        await foreach (var update in client.GetStreamingResponseAsync(Hello))
        {
            sample.Runtime.RateLimits.ShouldHaveSingleItem().InputTokens.ShouldBe(5);
            break;
        }

        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_a_report_our_own_count_is_booked_and_flagged(bool streaming)
    {
        await using var sample = new CallSample();
        var client = sample.Client(new FakeChatClient(FakeReply.Text("one two three")));
        _ = streaming ? await client.GetStreamingResponseAsync(Hello).ToChatResponseAsync() : await client.GetResponseAsync(Hello);
        var line = (await sample.LinesAsync()).ShouldHaveSingleItem();
        line.IsEstimate.ShouldBeTrue();
        line.Usage.FreshInput.ShouldBe(HelloTokens);
        line.Usage.Output.ShouldBeInRange(3, 7);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_report_of_one_side_only_is_completed_by_our_count(bool streaming)
    {
        await using var sample = new CallSample();
        var client = sample.Client(new FakeChatClient(FakeReply.Text("one two three", output: 9), FakeReply.Text("one two three", input: 50)));
        for (var call = 0; call < 2; call++)
            _ = streaming ? await client.GetStreamingResponseAsync(Hello).ToChatResponseAsync() : await client.GetResponseAsync(Hello);
        var lines = await sample.LinesAsync();
        (lines[0].Usage.FreshInput, lines[0].Usage.Output, lines[0].IsEstimate).ShouldBe((HelloTokens, 9, true));
        lines[1].Usage.FreshInput.ShouldBe(50);
        lines[1].Usage.Output.ShouldBeGreaterThanOrEqualTo(3);
        lines[1].IsEstimate.ShouldBeTrue();
    }

    [Fact]
    public async Task Messages_and_options_are_not_touched()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("x"), FakeReply.Text("y"));
        var client = sample.Client(fake, new BudgetSettings { MaxContextTokens = 60, MaxOutputTokens = 10 });
        List<ChatMessage> history = [new(ChatRole.User, string.Join(' ', Enumerable.Repeat("w", 50))), new(ChatRole.Assistant, "a"), new(ChatRole.User, "u")];
        var options = new ChatOptions { Temperature = 0.5f, Tools = [] };
        var before = (JsonSerializer.Serialize(history, AIJsonUtilities.DefaultOptions), JsonSerializer.Serialize(options, AIJsonUtilities.DefaultOptions));
        await client.GetResponseAsync(history, options);
        await client.GetStreamingResponseAsync(history, options).ToChatResponseAsync();
        (JsonSerializer.Serialize(history, AIJsonUtilities.DefaultOptions), JsonSerializer.Serialize(options, AIJsonUtilities.DefaultOptions)).ShouldBe(before);
        foreach (var request in fake.Requests)
        {
            request.Messages.ShouldHaveSingleItem().ShouldBeSameAs(history[2]);
            request.Options.ShouldNotBeSameAs(options);
            request.Options!.ShouldSatisfyAllConditions(
                sent => sent.Temperature.ShouldBe(0.5f),
                sent => sent.ModelId.ShouldBe(CallSample.Model),
                sent => sent.MaxOutputTokens.ShouldBe(10));
        }
    }

    [Theory]
    [InlineData(null, null, 4_096)]
    [InlineData(500, null, 500)]
    [InlineData(null, 500, 500)]
    [InlineData(500, 200, 200)]
    [InlineData(200, 500, 200)]
    [InlineData(null, 6_000, 6_000)]
    [InlineData(null, 20_000, 9_000)]
    [InlineData(20_000, null, 9_000)]
    public async Task The_output_is_bounded_by_policy_caller_and_model(int? policy, int? caller, int sent)
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("x"));
        await sample.Client(fake, new BudgetSettings { MaxOutputTokens = policy }).GetResponseAsync(Hello, new ChatOptions { MaxOutputTokens = caller });
        fake.Requests[0].Options!.MaxOutputTokens.ShouldBe(sent);
    }

    [Fact]
    public async Task The_model_is_the_callers_or_the_policys_or_the_clients()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("x"), FakeReply.Text("x"), FakeReply.Text("x")) { DefaultModelId = "cached-1" };
        await sample.Client(fake).GetResponseAsync(Hello, new ChatOptions { ModelId = "cached-1" });
        await sample.Client(fake).GetResponseAsync(Hello);
        var policy = new AgentMethodPolicy { Agent = "Writer", Method = "Ask" };
        await sample.Runtime.CreateClient(fake, policy).GetResponseAsync(Hello);
        fake.Requests.Select(static request => request.Options!.ModelId).ShouldBe(["cached-1", CallSample.Model, "cached-1"]);
        var exception = await Should.ThrowAsync<InvalidOperationException>(() => sample.Runtime.CreateClient(new FakeChatClient(), policy).GetResponseAsync(Hello));
        exception.Message.ShouldContain("TokenBudget:Agents:Writer:Model");
    }

    [Fact]
    public async Task A_model_without_a_price_is_refused_unless_allowed_and_never_under_a_limit()
    {
        await using var strict = new CallSample();
        var settings = new BudgetSettings { Model = "nobody-knows" };
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("x", 5, 5) };
        (await Should.ThrowAsync<UnknownPriceException>(() => strict.Client(fake, settings).GetResponseAsync(Hello))).ModelId.ShouldBe("nobody-knows");
        fake.Requests.ShouldBeEmpty();
        strict.ShouldHoldNothing();

        await using var lenient = new CallSample(static options => options.AllowUnknownPrices = true);
        await lenient.Client(fake, settings).GetResponseAsync(Hello);
        var line = (await lenient.LinesAsync()).ShouldHaveSingleItem();
        (line.Model, line.Cost, line.Usage.Total).ShouldBe(("nobody-knows", Usd.Zero, 10));
        var limited = settings with { LimitUsd = 1, BudgetName = "limited" };
        await Should.ThrowAsync<UnknownPriceException>(() => lenient.Client(fake, limited).GetResponseAsync(Hello));
    }

    [Fact]
    public async Task Switched_off_everything_passes_through()
    {
        await using var sample = new CallSample(static options => options.Enabled = false);
        var fake = new FakeChatClient(FakeReply.Text("x", 5, 5), FakeReply.Text("y", 5, 5));
        var client = sample.Client(fake, new BudgetSettings { Model = "nobody-knows", MaxContextTokens = 1, LimitUsd = 0.000001m });
        var options = new ChatOptions();
        await client.GetResponseAsync(Hello, options);
        await client.GetStreamingResponseAsync(Hello, options).ToChatResponseAsync();
        fake.Requests.Count.ShouldBe(2);
        foreach (var request in fake.Requests)
        {
            request.Options.ShouldBeSameAs(options);
            request.Messages.ShouldBe(Hello);
        }

        (options.ModelId, options.MaxOutputTokens).ShouldBe((null, null));
        (await sample.LinesAsync()).ShouldBeEmpty();
        sample.Runtime.RateLimits.ShouldAllBe(static limit => limit.Requests == 0);
    }

    [Fact]
    public async Task A_budget_that_cannot_take_the_worst_case_refuses_before_anything_is_sent()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("x", 10, 10));
        var settings = new BudgetSettings { LimitUsd = 0.0015m, MaxOutputTokens = 100 };
        await sample.Client(fake, settings).GetResponseAsync(Hello);
        var exception = await Should.ThrowAsync<BudgetExceededException>(() => sample.Client(fake, settings with { MaxOutputTokens = 150 }).GetResponseAsync(Hello));
        exception.Requested.ShouldBeGreaterThanOrEqualTo(Usd.FromDollars(0.0015m));
        fake.Requests.Count.ShouldBe(1);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task An_empty_request_is_refused()
    {
        await using var sample = new CallSample();
        await Should.ThrowAsync<ArgumentException>(() => sample.Client(new FakeChatClient()).GetResponseAsync([]));
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task The_margin_of_an_estimate_does_not_refuse_what_fits_the_rate_limit()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("x") };
        List<ChatMessage> messages = [new(ChatRole.User, string.Join(' ', Enumerable.Repeat("w", 893)))];
        await sample.Client(fake, new BudgetSettings { TokensPerMinute = 1_000, MaxOutputTokens = 100, LimitName = "a" }).GetResponseAsync(messages);
        await sample.Client(fake, new BudgetSettings { InputTokensPerMinute = 900, MaxOutputTokens = 100, LimitName = "b" }).GetResponseAsync(messages);

        // What does not fit by the estimate itself is refused, not admitted as a debt.
        await Should.ThrowAsync<RateLimitExceededException>(
            () => sample.Client(fake, new BudgetSettings { InputTokensPerMinute = 500, MaxOutputTokens = 100, LimitName = "c" }).GetResponseAsync(messages));
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task Cached_input_does_not_count_towards_the_limit_of_a_provider_that_leaves_it_out()
    {
        await using var sample = new CallSample();
        var reply = FakeReply.Text("x", input: 1_000, output: 10);
        reply.Usage!.CachedInputTokenCount = 900;
        await sample.Client(new FakeChatClient(reply), new BudgetSettings { Model = "cached-1" }).GetResponseAsync(Hello);
        sample.Runtime.RateLimits[0].InputTokens.ShouldBe(100);
    }

    [Fact]
    public async Task Another_tokenizer_counts_from_the_next_request_on_for_the_window_too()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("one") };
        var client = sample.Client(fake, new BudgetSettings { MaxContextTokens = 100, MaxOutputTokens = 10 });
        List<ChatMessage> history = [new(ChatRole.User, "one two three"), new(ChatRole.Assistant, "four"), new(ChatRole.User, "five six")];
        await client.GetResponseAsync(history);
        sample.Runtime.Counters.Use(CallSample.Model, TokenBudget.Counting.TokenCounter.Create(static text => 20 * text.Split(' ').Length));
        await client.GetResponseAsync(history);

        fake.Requests.Select(static request => request.Messages.Count).ShouldBe([3, 1]);
        (await sample.LinesAsync()).Select(static line => line.Usage.FreshInput).ShouldBe([3 + (3 * 4) + 6, 3 + 4 + 40]);
    }

    [Fact]
    public async Task Calibration_learns_from_reports()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("x", input: 750, output: 1) };
        List<ChatMessage> messages = [new(ChatRole.User, string.Join(' ', Enumerable.Repeat("w", 493)))];
        for (var call = 0; call < 3; call++)
            await sample.Client(fake).GetResponseAsync(messages);
        sample.Runtime.Counters.For(CallSample.Model, "Writer").Calibration.ToProviderRequest(500).ShouldBe(750);
    }

    [Fact]
    public async Task What_a_conversation_has_unseen_is_known_from_its_first_report()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(
            FakeReply.Text("x", input: 6_000, output: 1), FakeReply.Text("y", input: 1_500, output: 1), FakeReply.Text("z"));
        List<ChatMessage> first = [new(ChatRole.System, "be kind"), new(ChatRole.User, string.Join(' ', Enumerable.Repeat("w", 987)))];
        List<ChatMessage> second = [new(ChatRole.System, "be brief"), new(ChatRole.User, string.Join(' ', Enumerable.Repeat("v", 987)))];
        await sample.Client(fake).GetResponseAsync(first);
        await sample.Client(fake).GetResponseAsync(second);
        await sample.Client(fake).GetResponseAsync([.. first, new(ChatRole.Assistant, "x"), new(ChatRole.User, "and now?")]);
        // Nothing was reported of the last one, so our estimate is billed: 1,000 of the first, 5 of an answer, 6 of a question, and 5,000 unseen.
        var line = (await sample.LinesAsync())[^1];
        line.IsEstimate.ShouldBeTrue();
        line.Usage.FreshInput.ShouldBe(6_011);
    }
}

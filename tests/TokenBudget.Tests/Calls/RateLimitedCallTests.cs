using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.Calls;

/// <summary>What settings and named limits make of a method's rate limit, up to the caller that waits.</summary>
public sealed class RateLimitedCallTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;
    private static readonly List<ChatMessage> Hello = [new(ChatRole.User, "hello there")];
    private static readonly BudgetSettings Settings = new() { MaxOutputTokens = 100 };

    private static Task<ChatResponse> AskAsync(BudgetedChatClient client, string? tenant = null) =>
        client.GetResponseAsync(Hello, null, tenant, CancellationToken.None).AsTask();

    private static FakeReply Held(TaskCompletionSource gate) => FakeReply.Text("one", input: 10, output: 10) with { Gate = gate.Task };

    [Fact]
    public async Task Requests_at_the_same_time_are_limited()
    {
        await using var sample = new CallSample();
        var gate = new TaskCompletionSource();
        var chat = new FakeChatClient { Otherwise = _ => Held(gate) };
        var client = sample.Client(chat, Settings with { MaxConcurrentRequests = 2 });
        var asking = Enumerable.Range(0, 3).Select(_ => AskAsync(client)).ToList();
        await chat.ArrivedAsync(2);
        sample.Runtime.RateLimits.ShouldHaveSingleItem().ShouldSatisfyAllConditions(limit => limit.Open.ShouldBe(2), limit => limit.Waiting.ShouldBe(1));
        gate.SetResult();
        await Task.WhenAll(asking).WaitAsync(Guard);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_tenant_at_its_limit_holds_nobody_else_up()
    {
        await using var sample = new CallSample();
        var client = sample.Client(new FakeChatClient { Otherwise = static _ => FakeReply.Text("one", input: 10, output: 10) }, Settings with { TenantRequestsPerMinute = 1 });
        await AskAsync(client, "acme");
        var second = AskAsync(client, "acme");
        await AskAsync(client, "other").WaitAsync(Guard);
        second.IsCompleted.ShouldBeFalse();
        sample.Time.Advance(TimeSpan.FromSeconds(61));
        await second.WaitAsync(Guard);
    }

    [Fact]
    public async Task The_urgent_method_goes_first()
    {
        await using var sample = new CallSample();
        var gate = new TaskCompletionSource();
        var order = new List<string>();
        var chat = new FakeChatClient
        {
            Otherwise = request =>
            {
                order.Add(request.Messages[0].Text);
                return order.Count == 1 ? Held(gate) : FakeReply.Text("one", input: 10, output: 10);
            },
        };
        var low = Client("batch", RatePriority.Low);
        var high = Client("chat", RatePriority.High);
        var first = low.GetResponseAsync("first");
        await chat.ArrivedAsync(1);
        Task<ChatResponse>[] waiting = [low.GetResponseAsync("batch"), high.GetResponseAsync("user")];
        sample.Runtime.RateLimits.ShouldHaveSingleItem().Waiting.ShouldBe(2);
        gate.SetResult();
        await Task.WhenAll([first, .. waiting]).WaitAsync(Guard);
        order.ShouldBe(["first", "user", "batch"]);

        BudgetedChatClient Client(string method, RatePriority priority) => sample.Runtime.CreateClient(
            chat, CallSample.Policy(Settings with { LimitName = "shared", MaxConcurrentRequests = 1, RatePriority = priority }) with { Method = method });
    }

    [Fact]
    public async Task A_tenant_of_twice_the_weight_is_served_twice_as_often()
    {
        await using var sample = new CallSample(static options => options.TenantWeights["acme"] = 2);
        var gate = new TaskCompletionSource();
        var order = new List<string>();
        var chat = new FakeChatClient
        {
            Otherwise = request =>
            {
                order.Add(request.Messages[0].Text);
                return order.Count == 1 ? Held(gate) : FakeReply.Text("one", input: 10, output: 10);
            },
        };
        var client = sample.Client(chat, Settings with { MaxConcurrentRequests = 1 });
        var asking = new List<Task> { client.GetResponseAsync([new ChatMessage(ChatRole.User, "first")], null, "third", CancellationToken.None).AsTask() };
        await chat.ArrivedAsync(1);
        for (var call = 0; call < 6; call++)
            foreach (var tenant in new[] { "other", "Acme" })
                asking.Add(client.GetResponseAsync([new ChatMessage(ChatRole.User, tenant)], null, tenant, CancellationToken.None).AsTask());
        gate.SetResult();
        await Task.WhenAll(asking).WaitAsync(Guard);
        order.Skip(1).Take(6).Count(static tenant => tenant == "Acme").ShouldBe(4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_weight_that_means_nothing_is_refused(double weight) =>
        Should.Throw<TokenBudgetConfigurationException>(() => new CallSample(options => options.TenantWeights["acme"] = weight)).Message.ShouldContain("tenant 'acme'");

    [Fact]
    public async Task Who_says_nothing_waits_ten_minutes_at_most()
    {
        await using var sample = new CallSample();
        var chat = new FakeChatClient { Otherwise = static _ => FakeReply.Text("one", input: 10, output: 10) };
        var client = sample.Client(chat, Settings with { RequestsPerMinute = 1 });
        await AskAsync(client);
        var waiting = Enumerable.Range(0, 9).Select(_ => AskAsync(client)).ToList();
        var late = await Should.ThrowAsync<RateLimitExceededException>(() => AskAsync(client).WaitAsync(Guard));
        late.RetryAfter.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10.1));
        sample.Time.Advance(TimeSpan.FromMinutes(9.1));
        await Task.WhenAll(waiting).WaitAsync(Guard);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_bucket_is_that_of_the_models_provider()
    {
        await using var sample = new CallSample();
        var chat = new FakeChatClient { Otherwise = static _ => FakeReply.Text("one", input: 10, output: 10) };
        var bucket = Settings with { RateMode = RateLimitMode.ProviderBucket };
        sample.Client(chat, bucket);
        sample.Runtime.RateLimits.ShouldHaveSingleItem().Limits.Profile.ShouldBe(ProviderProfile.OpenAI);
        sample.Client(chat, bucket with { Model = "cached-1", LimitName = "other" });
        sample.Runtime.RateLimits.Single(static limit => limit.Name == "other").Limits.Profile.ShouldBe(ProviderProfile.Anthropic);
    }

    [Theory]
    [InlineData("cached-1", null, 60)]
    [InlineData(CallSample.Model, null, 100)]
    [InlineData(CallSample.Model, "anthropic", 60)]
    [InlineData("cached-1", "openai", 100)]
    public async Task Whether_cached_input_counts_is_the_profiles_word(string model, string? provider, long counted)
    {
        await using var sample = new CallSample(options =>
        {
            if (provider is not null)
                options.RateLimits["Writer"] = new RateLimits { InputTokensPerMinute = 1_000, Mode = RateLimitMode.ProviderBucket, Profile = ProviderProfile.For(provider) with { CorrectsToUsage = true } };
        });
        sample.Runtime.Counters.Use("cached-1", TokenBudget.Counting.TokenCounter.Create(static text => text.Length));
        var reply = FakeReply.Text("one", input: 100, output: 10);
        reply.Usage!.CachedInputTokenCount = 40;
        await AskAsync(sample.Client(new FakeChatClient(reply), Settings with { Model = model }));
        sample.Runtime.RateLimits.ShouldHaveSingleItem().InputTokens.ShouldBe(counted);
    }

    [Fact]
    public async Task All_of_it_is_held_where_that_is_said()
    {
        await using var sample = new CallSample();
        var chat = new FakeChatClient { Otherwise = static _ => FakeReply.Text("one", input: 10, output: 10) };
        var client = sample.Client(chat, Settings with { RateEstimate = RateEstimate.UpperBound });
        for (var answer = 0; answer < 150; answer++)
            await AskAsync(client);
        sample.Time.Advance(TimeSpan.FromMinutes(2));
        var gate = new TaskCompletionSource();
        chat.Add(Held(gate));
        var open = AskAsync(client);
        await chat.ArrivedAsync(151);
        sample.Runtime.RateLimits.ShouldHaveSingleItem().OutputTokens.ShouldBe(100);
        gate.SetResult();
        await open;
    }

    [Fact]
    public async Task A_stated_limit_is_all_that_holds_for_its_name()
    {
        await using var sample = new CallSample(static options =>
        {
            options.RateLimits["Shared"] = new RateLimits { RequestsPerMinute = 7 };
            options.RateLimits["Writer"] = new RateLimits { RequestsPerMinute = 8, Mode = RateLimitMode.ProviderBucket };
            options.RateLimits["Writer.Slow"] = new RateLimits { RequestsPerMinute = 9 };
        });
        var chat = new FakeChatClient();
        sample.Client(chat, new BudgetSettings { LimitName = "shared", TokensPerMinute = 1 });
        sample.Runtime.CreateClient(chat, CallSample.Policy(new BudgetSettings { LimitName = "SHARED", TokensPerMinute = 2 }) with { Agent = "Reader" });
        sample.Client(chat, new BudgetSettings { TokensPerMinute = 3 });
        sample.Runtime.CreateClient(chat, CallSample.Policy() with { Method = "Slow" });
        sample.Runtime.RateLimits.Select(static limit => (limit.Name.ToLowerInvariant(), limit.Limits)).ShouldBe(
        [
            ("shared", new RateLimits { RequestsPerMinute = 7 }),
            ("writer", new RateLimits { RequestsPerMinute = 8, Mode = RateLimitMode.ProviderBucket, Profile = ProviderProfile.OpenAI }),
            ("writer.slow", new RateLimits { RequestsPerMinute = 9 }),
        ], ignoreOrder: true);
    }
}

using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using TokenBudget.Caching;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Tests.Caching;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.Retries;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>Which calls are answered from the cache, and from whose answers.</summary>
public sealed class CachedCallTests
{
    private static readonly BudgetSettings ForTenants = new() { Model = CallSample.Model, Cached = true };
    private static readonly BudgetSettings ForAll = ForTenants with { CacheScope = CacheScope.Global };

    private enum Kind
    {
        Bug,
        Request,
    }

    [Fact]
    public async Task What_a_user_wrote_is_not_cached_until_somebody_says_for_whom()
    {
        var log = new LogSink();
        await using var runtime = Runtime(logger: log);
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("answer") };
        var method = runtime.Bind(fake, CallSample.Policy(ForTenants));
        for (var i = 0; i < 3; i++)
            await AskAsync(method, static (ref AgentCall call) => call.UserMessage("q", "mine"));
        await AskAsync(method, static (ref AgentCall call) => call.Messages("history", [new ChatMessage(ChatRole.User, "mine")]));
        await AskAsync(method, static (ref AgentCall call) => Prompt(ref call, "mine"));
        fake.Requests.Count.ShouldBe(5);
        log.Warnings.Where(static line => line.Contains("are not cached", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldContain("Writer.Ask");
    }

    [Fact]
    public async Task Constants_numbers_and_choices_are_nobody_s_and_cached()
    {
        await using var runtime = Runtime();
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("answer") };
        var method = runtime.Bind(fake, CallSample.Policy(ForTenants));
        for (var i = 0; i < 2; i++)
        {
            await AskAsync(method, static (ref AgentCall call) => Prompt(ref call, 7));
            await AskAsync(method, static (ref AgentCall call) => Prompt(ref call, (int?)8));
            await AskAsync(method, static (ref AgentCall call) => Prompt(ref call, Kind.Request));
        }

        fake.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task The_tenant_of_the_accessor_is_a_hard_partition()
    {
        var tenants = new Tenants();
        await using var runtime = Runtime(tenants);
        var fake = new FakeChatClient { Otherwise = _ => FakeReply.Text($"for {tenants.Tenant}") };
        var method = runtime.Bind(fake, CallSample.Policy(ForTenants));
        foreach (var tenant in (string[])["alice", "bob", "alice", "bob"])
        {
            tenants.Tenant = tenant;
            (await AskAsync(method, static (ref AgentCall call) => call.UserMessage("q", "mine"))).ShouldBe($"for {tenant}");
        }

        fake.Requests.Count.ShouldBe(2);
        // The parameter is nearer than the accessor.
        tenants.Tenant = "carol";
        (await AskAsync(method, static (ref AgentCall call) =>
        {
            call.Scope("alice");
            call.UserMessage("q", "mine");
        })).ShouldBe("for alice");
        fake.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_call_with_a_temperature_is_drawn_anew_unless_the_method_says_otherwise()
    {
        await using var runtime = Runtime();
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("answer") };
        await TwiceAsync(ForAll, 0.7f);
        fake.Requests.Count.ShouldBe(2);
        await TwiceAsync(ForAll, 0);
        fake.Requests.Count.ShouldBe(3);
        await TwiceAsync(ForAll with { CacheAnyTemperature = true }, 0.7f);
        fake.Requests.Count.ShouldBe(4);

        async Task TwiceAsync(BudgetSettings settings, float temperature)
        {
            for (var i = 0; i < 2; i++)
                await AskAsync(runtime.Bind(fake, CallSample.Policy(settings)), (ref AgentCall call) =>
                {
                    call.Options(new ChatOptions { Temperature = temperature });
                    call.UserMessage("q", "text");
                });
        }
    }

    [Fact]
    public async Task Two_providers_or_two_limits_do_not_share_an_answer()
    {
        await using var runtime = Runtime();
        var one = new FakeChatClient { Address = new Uri("https://one.example"), Otherwise = static _ => FakeReply.Text("one") };
        var two = new FakeChatClient { Address = new Uri("https://two.example"), Otherwise = static _ => FakeReply.Text("two") };
        (await AskAsync(runtime.Bind(one, CallSample.Policy(ForAll)), Question)).ShouldBe("one");
        (await AskAsync(runtime.Bind(two, CallSample.Policy(ForAll)), Question)).ShouldBe("two");
        (await AskAsync(runtime.Bind(one, CallSample.Policy(ForAll with { MaxOutputTokens = 17 })), Question)).ShouldBe("one");
        one.Requests.Count.ShouldBe(2);
        (await AskAsync(runtime.Bind(one, CallSample.Policy(ForAll)), Question)).ShouldBe("one");
        one.Requests.Count.ShouldBe(2);

        static void Question(ref AgentCall call) => call.UserMessage("q", "text");
    }

    [Fact]
    public async Task An_old_answer_says_that_it_is_one_streamed_or_not()
    {
        var time = new VirtualTimeProvider();
        await using var runtime = Runtime(time: time);
        var fake = new FakeChatClient(FakeReply.Text("answer")) { Otherwise = static _ => FakeReply.Fails(new HttpRequestException("down", null, System.Net.HttpStatusCode.ServiceUnavailable)) };
        var method = runtime.Bind(fake, CallSample.Policy(ForAll with { CacheTtl = TimeSpan.FromMinutes(1), CacheStale = TimeSpan.FromMinutes(9) }));
        await AskAsync(method, static (ref AgentCall call) => call.UserMessage("q", "text"));
        time.Advance(TimeSpan.FromMinutes(2));

        var call = method.Begin();
        call.UserMessage("q", "text");
        var response = await call.InvokeAsync(ReplyFormat.Response, default);
        (response.Text, response.AdditionalProperties!["tokenbudget.cache"]).ShouldBe(("answer", "stale"));

        var streamed = new List<ChatResponseUpdate>();
        call = method.Begin();
        call.UserMessage("q", "text");
        await foreach (var update in call.StreamAsync(default))
            streamed.Add(update);
        var whole = streamed.ToChatResponse();
        (whole.Text, whole.AdditionalProperties!["tokenbudget.cache"]).ShouldBe(("answer", "stale"));
    }

    [Fact]
    public async Task Processes_share_answers_through_the_second_level_and_the_hit_is_booked_as_avoided()
    {
        var store = new SharedStore();
        await using var first = Runtime(store: store);
        await AskAsync(first.Bind(new FakeChatClient(FakeReply.Text("answer", 100, 10)), CallSample.Policy(ForAll)), static (ref AgentCall call) => call.UserMessage("q", "text"));
        await Eventually.TrueAsync(() => ((ResponseCache)first.Cache).PendingWrites == 0);

        await using var second = Runtime(store: store);
        var fake = new FakeChatClient();
        (await AskAsync(second.Bind(fake, CallSample.Policy(ForAll)), static (ref AgentCall call) => call.UserMessage("q", "text"))).ShouldBe("answer");
        fake.Requests.ShouldBeEmpty();
        second.Cache.GetStatistics().AvoidedInputTokens.ShouldBe(100);
        second.RateLimits.ShouldAllBe(static limit => limit.Requests == 0);
        var total = (await second.Ledger.TotalAsync(new())).ShouldHaveSingleItem();
        (total.Requests, total.AvoidedRequests).ShouldBe((0, 1));
    }

    private delegate void Fill(ref AgentCall call);

    private static Task<string> AskAsync(AgentMethod method, Fill fill)
    {
        var call = method.Begin();
        fill(ref call);
        return call.InvokeAsync(ReplyFormat.Text, default);
    }

    private static void Prompt<T>(ref AgentCall call, T value)
    {
        call.Literal("What of ");
        call.Value("value", value);
        call.EndUserMessage();
    }

    private static TokenBudgetRuntime Runtime(ITenantAccessor? tenants = null, ILogger<TokenBudgetRuntime>? logger = null, TimeProvider? time = null, SharedStore? store = null) => new(
        new TokenBudgetOptions { Retries = { MaxAttempts = 1 }, Models = new([CallSample.ModelInfo]) },
        time: time ?? new VirtualTimeProvider(),
        logger: logger,
        tenants: tenants,
        cacheSecondLevel: store);

    private sealed class Tenants : ITenantAccessor
    {
        public string? Tenant { get; set; }
    }
}

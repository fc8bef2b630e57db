using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.Runtime;

/// <summary>One runtime for a container, made of what the container has.</summary>
public sealed class ServiceRegistrationTests
{
    private static ServiceCollection Services(params (string Name, string Value)[] configuration)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(configuration.Select(static value => KeyValuePair.Create(value.Name, (string?)value.Value))).Build());
        return services;
    }

    [Fact]
    public async Task Adding_it_twice_adds_one_runtime_and_makes_both_changes()
    {
        var services = Services(("MAX_CONTEXT_TOKENS", "777"));
        services.AddTokenBudget();
        services.AddTokenBudget(static options => options.CacheMaxBytes = 5_000_000);
        services.AddTokenBudget(static options => options.AllowUnknownPrices = true);
        await using var provider = services.BuildServiceProvider();
        provider.GetServices<TokenBudgetRuntime>().ShouldHaveSingleItem();
        var options = provider.GetRequiredService<TokenBudgetOptions>();
        (options.Defaults.MaxContextTokens, options.CacheMaxBytes, options.AllowUnknownPrices).ShouldBe((777, 5_000_000, true));
    }

    [Fact]
    public async Task Stores_and_clock_are_taken_from_the_services()
    {
        var (ledger, conversations, time) = (new InMemoryLedger(), new InMemoryConversationStore(), new VirtualTimeProvider());
        var services = Services();
        services.AddSingleton<ILedger>(ledger).AddSingleton<IConversationStore>(conversations).AddSingleton<TimeProvider>(time);
        services.AddTokenBudget(static options => options.Models = new([CallSample.ModelInfo]));
        await using var provider = services.BuildServiceProvider();
        var runtime = provider.GetRequiredService<TokenBudgetRuntime>();
        runtime.Ledger.ShouldBeSameAs(ledger);
        runtime.Conversations.ShouldBeSameAs(conversations);
        await new FakeChatClient(FakeReply.Text("x")).WithTokenBudget(runtime, CallSample.Policy()).GetResponseAsync("q");
        await foreach (var line in ledger.ReadAsync(new LedgerQuery()))
            line.At.ShouldBe(time.GetUtcNow());
        (await ledger.TotalAsync(new LedgerQuery())).ShouldHaveSingleItem().Requests.ShouldBe(1);
    }

    [Fact]
    public void Bad_configuration_is_told_with_its_name()
    {
        var services = Services(("CACHE_TTL_MINUTES", "soon"));
        services.AddTokenBudget();
        using var provider = services.BuildServiceProvider();
        Should.Throw<TokenBudgetConfigurationException>(() => provider.GetRequiredService<TokenBudgetRuntime>()).Message.ShouldContain("CACHE_TTL_MINUTES is 'soon'");
    }

    [Fact]
    public void A_container_may_be_disposed_without_async()
    {
        var services = Services();
        services.AddTokenBudget();
        var provider = services.BuildServiceProvider();
        provider.GetRequiredService<TokenBudgetRuntime>();
        Should.NotThrow(provider.Dispose);
    }
}

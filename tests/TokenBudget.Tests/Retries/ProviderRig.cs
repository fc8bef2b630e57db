using Anthropic;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Retries;
using TokenBudget.Testing;

namespace TokenBudget.Tests.Retries;

/// <summary>A runtime, the official SDK and a simulated provider on one virtual clock, which moves on whenever nothing else does.</summary>
internal sealed class ProviderRig : IAsyncDisposable
{
    public const string Model = "claude-sonnet-4-5";
    private const string Key = "simulated";

    private ProviderRig(ProviderSimulator provider, VirtualTimeProvider clock, TokenBudgetRuntime runtime)
    {
        Provider = provider;
        Clock = clock;
        Runtime = runtime;
        Chat = Connect(new RateLimitHeaderHandler());
    }

    public ProviderSimulator Provider { get; }

    public VirtualTimeProvider Clock { get; }

    public TokenBudgetRuntime Runtime { get; }

    /// <summary>The SDK as the documentation says: no retries of its own, our handler in its pipeline.</summary>
    public IChatClient Chat { get; }

    public static async Task<ProviderRig> StartAsync(
        Func<SimulatorOptions, SimulatorOptions>? provider = null, Action<TokenBudgetOptions>? runtime = null)
    {
        var clock = new VirtualTimeProvider();
        var simulation = new SimulatorOptions
        {
            Models = [SimulatedModel.FromUsdPerMillionTokens(Model, input: 3m, output: 15m)],
            Responder = static (_, _) => ValueTask.FromResult(SimulatedReply.Text("It is done.")),
            TimeProvider = clock,
            ApiKey = Key,
        };
        // No timer for silence: the clock moves on when nothing else does, and would take a slow machine for a silent provider.
        var options = new TokenBudgetOptions { Retries = { Seed = 1, StreamSilence = null } };
        runtime?.Invoke(options);
        return new ProviderRig(await ProviderSimulator.StartAsync(provider?.Invoke(simulation) ?? simulation), clock, new TokenBudgetRuntime(options, time: clock));
    }

    public IChatClient Connect(RateLimitHeaderHandler? handler, int maxRetries = 0, string key = Key) => new AnthropicClient
    {
        ApiKey = key,
        BaseUrl = Provider.BaseAddress.AbsoluteUri.TrimEnd('/'),
        MaxRetries = maxRetries,
        Timeout = Eventually.Patience,
        Handlers = handler is null ? [] : [handler],
    }.AsIChatClient(Model, 100);

    public BudgetedChatClient Client(BudgetSettings? settings = null, IChatClient? chat = null, string agent = "Worker") => Runtime.CreateClient(
        chat ?? Chat,
        new AgentMethodPolicy { Agent = agent, Method = "Ask", Settings = (settings ?? BudgetSettings.Unset) with { Model = Model, MaxOutputTokens = settings?.MaxOutputTokens ?? 100 } });

    public static Task<ChatResponse> AskAsync(IChatClient client, string text = "Do it.", bool streaming = false, CancellationToken cancellationToken = default) => streaming
        ? client.GetStreamingResponseAsync(text, cancellationToken: cancellationToken).ToChatResponseAsync(cancellationToken)
        : client.GetResponseAsync(text, cancellationToken: cancellationToken);

    /// <summary>Waits for work, moving the clock on while everything stands still.</summary>
    public async Task<T> RunAsync<T>(Task<T> work)
    {
        await RunAsync((Task)work);
        return await work;
    }

    /// <summary>Waits for work, moving the clock on while everything stands still.</summary>
    public Task RunAsync(Task work) => Clock.RunAsync(work, () => (Provider.Log.Count, Provider.Log.Count(static exchange => exchange.RespondedAt is not null)), stillness: 6);

    public async Task<List<LedgerEntry>> LinesAsync()
    {
        var lines = new List<LedgerEntry>();
        await foreach (var line in Runtime.Ledger.ReadAsync(new LedgerQuery()))
            lines.Add(line);
        return lines;
    }

    /// <summary>The provider has nothing against us, and nothing is held any more.</summary>
    public void ShouldBeClean()
    {
        var verdict = Provider.GetVerdict();
        verdict.IsClean.ShouldBeTrue(verdict.ToString());
        ShouldHoldNothing();
    }

    public void ShouldHoldNothing()
    {
        foreach (var budget in Runtime.Costs.GetStatus())
            budget.Reserved.ShouldBe(Usd.Zero, $"budget {budget.Name}");
        foreach (var limit in Runtime.RateLimits)
            (limit.Open, limit.Waiting).ShouldBe((0, 0), $"limit {limit.Name}");
    }

    public async ValueTask DisposeAsync()
    {
        Chat.Dispose();
        await Runtime.DisposeAsync();
        await Provider.DisposeAsync();
    }
}

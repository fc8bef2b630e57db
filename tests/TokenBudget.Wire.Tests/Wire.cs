using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using Anthropic;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Retries;
using TokenBudget.Testing;
using TokenBudget.Wire.Tests.Clients;

namespace TokenBudget.Wire.Tests;

/// <summary>A runtime, a client and a simulated provider on one virtual clock, which moves on whenever nothing else does.</summary>
internal sealed class Wire : IAsyncDisposable
{
    public const string Sonnet = "claude-sonnet-4-5";
    public const string Gpt = "gpt-4o";
    private const string Key = "simulated";
    private readonly HttpClient _http;
    private readonly IChatClient _inner;

    private Wire(WireClient kind, ProviderSimulator provider, VirtualTimeProvider clock, TokenBudgetRuntime runtime, TimeSpan timeout)
    {
        Provider = provider;
        Clock = clock;
        Runtime = runtime;
        Model = kind is WireClient.OpenAISdk or WireClient.OpenAIHttp ? Gpt : Sonnet;
        _http = new HttpClient(new RateLimitHeaderHandler(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All, MaxConnectionsPerServer = 256 }))
        {
            BaseAddress = provider.BaseAddress,
            Timeout = timeout,
        };
        _inner = kind switch
        {
            WireClient.AnthropicSdk => new AnthropicClient
            {
                ApiKey = Key,
                BaseUrl = provider.BaseAddress.AbsoluteUri.TrimEnd('/'),
                MaxRetries = 0,
                Timeout = timeout,
                Handlers = [new RateLimitHeaderHandler()],
            }.AsIChatClient(Sonnet, 100),
            WireClient.AnthropicHttp => new HttpChatClient(_http, SimulatedDialect.Anthropic, Key),
            WireClient.OpenAIHttp => new HttpChatClient(_http, SimulatedDialect.OpenAI, Key),
            _ => new OpenAISdkClient(new ChatClient(Gpt, new ApiKeyCredential(Key), new OpenAIClientOptions
            {
                Endpoint = new Uri(provider.BaseAddress, "v1"),
                RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
                NetworkTimeout = timeout,
                Transport = new HttpClientPipelineTransport(_http),
            })),
        };
        Client = runtime.CreateClient(_inner, Policy());
    }

    public ProviderSimulator Provider { get; }

    public VirtualTimeProvider Clock { get; }

    public TokenBudgetRuntime Runtime { get; }

    public string Model { get; }

    /// <summary>The client without a budget.</summary>
    public IChatClient Inner => _inner;

    /// <summary>The budgeted client.</summary>
    public IChatClient Client { get; private set; }

    /// <summary>For how many milliseconds everything must stand still before the clock moves on.</summary>
    public int Stillness { get; set; } = 3;

    public static async Task<Wire> StartAsync(
        WireClient kind,
        Func<SimulatorOptions, SimulatorOptions>? provider = null,
        Action<TokenBudgetOptions>? runtime = null,
        TimeSpan? timeout = null)
    {
        var clock = new VirtualTimeProvider();
        var simulation = new SimulatorOptions
        {
            Models =
            [
                SimulatedModel.FromUsdPerMillionTokens(Sonnet, input: 3m, output: 15m),
                SimulatedModel.FromUsdPerMillionTokens(Gpt, input: 2.5m, output: 10m, cachedInput: 1.25m),
            ],
            Responder = static (_, _) => ValueTask.FromResult(SimulatedReply.Text(Story)),
            TimeProvider = clock,
            ApiKey = Key,
            MaxSilence = TimeSpan.FromSeconds(60),
        };
        var options = new TokenBudgetOptions { Retries = { Seed = 1, StreamSilence = null } };
        runtime?.Invoke(options);
        return new Wire(
            kind,
            await ProviderSimulator.StartAsync(provider?.Invoke(simulation) ?? simulation),
            clock,
            new TokenBudgetRuntime(options, time: clock),
            timeout ?? TimeSpan.FromSeconds(30));
    }

    /// <summary>What the provider answers: some pieces in a stream.</summary>
    public const string Story = "Once upon a time there was a provider that broke off, and a client that noticed it and asked again, and they worked happily ever after.";

    /// <summary>Another client of the same runtime, with other settings.</summary>
    public IChatClient With(BudgetSettings settings, string agent = "Worker") => Runtime.CreateClient(_inner, Policy(settings, agent));

    public static async Task<ChatResponse> AskAsync(IChatClient client, string text, bool isStream, CancellationToken cancellationToken = default) => isStream
        ? await client.GetStreamingResponseAsync(text, cancellationToken: cancellationToken).ToChatResponseAsync(cancellationToken)
        : await client.GetResponseAsync(text, cancellationToken: cancellationToken);

    public Task<ChatResponse> AskAsync(string text, bool isStream, CancellationToken cancellationToken = default) => RunAsync(AskAsync(Client, text, isStream, cancellationToken));

    public async Task<T> RunAsync<T>(Task<T> work)
    {
        await Clock.RunAsync(work, Progress, Stillness);
        return await work;
    }

    public Task RunAsync(Task work) => Clock.RunAsync(work, Progress, Stillness);

    public async Task<List<LedgerEntry>> LinesAsync()
    {
        var lines = new List<LedgerEntry>();
        await foreach (var line in Runtime.Ledger.ReadAsync(new LedgerQuery()))
            lines.Add(line);
        return lines;
    }

    /// <summary>The provider has nothing against us, we hold nothing of it, and nothing is reserved any more.</summary>
    public async Task ShouldBeCleanAsync()
    {
        (await Provider.GetFinalVerdictAsync(patience: TimeSpan.FromSeconds(10))).ShouldBeClean();
        foreach (var budget in Runtime.Costs.GetStatus())
            budget.Reserved.ShouldBe(TokenBudget.Models.Usd.Zero, $"budget {budget.Name}");
        foreach (var limit in Runtime.RateLimits)
            (limit.Open, limit.Waiting).ShouldBe((0, 0), $"limit {limit.Name}");
    }

    public async ValueTask DisposeAsync()
    {
        _inner.Dispose();
        _http.Dispose();
        await Runtime.DisposeAsync();
        await Provider.DisposeAsync();
    }

    private AgentMethodPolicy Policy(BudgetSettings? settings = null, string agent = "Worker")
    {
        settings ??= BudgetSettings.Unset;
        return new AgentMethodPolicy { Agent = agent, Method = "Ask", Settings = settings with { Model = Model, MaxOutputTokens = settings.MaxOutputTokens ?? 100 } };
    }

    private object Progress() =>
        (Provider.Log.Count, Provider.Log.Count(static exchange => exchange.RespondedAt is not null), Provider.Log.Count(static exchange => exchange.EndedAt is not null));
}

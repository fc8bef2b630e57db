using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using TokenBudget.AspNetCore;
using TokenBudget.Caching;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Sharing;

namespace TokenBudget.Dashboard.Tests;

/// <summary>A web application on loopback with the dashboard, on the ledger and the limits a test gives it.</summary>
public sealed class DashboardHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new();

    private DashboardHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
    }

    /// <summary>Whether Node.js was there when the dashboard's assembly was compiled.</summary>
    public static bool IsBuilt => typeof(TokenBudgetEndpointOptions).Assembly.GetManifestResourceNames().Contains("dashboard/index.html");

    /// <summary>The clock of every host.</summary>
    public static DaytimeClock Clock { get; } = new();

    public TokenBudgetRuntime Runtime => _app.Services.GetRequiredService<TokenBudgetRuntime>();

    /// <summary>Where it listens, or did.</summary>
    public Uri Address { get; }

    public static async Task<DashboardHost> StartAsync(Uri? address = null, string prefix = "", ILedger? ledger = null, IBackplane? backplane = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address?.GetLeftPart(UriPartial.Authority) ?? "http://127.0.0.1:0");
        builder.Services.AddSingleton(new TokenBudgetRuntime(new TokenBudgetOptions { AllowUnknownPrices = true, CostAlertThresholdUsd = null }, ledger, time: Clock, backplane: backplane));
        var app = builder.Build();
        if (prefix.Length == 0)
            app.MapTokenBudget();
        else
            app.MapGroup(prefix).MapTokenBudget();
        await app.StartAsync();
        return new DashboardHost(app);
    }

    /// <summary>A call of an agent that is answered at once.</summary>
    public async Task AskAsync(string agent, string method, int inputTokens, int outputTokens, string model = "m", int maxContextTokens = 20_000, CancellationToken cancellationToken = default)
    {
        using var client = Runtime.CreateClient(new Echo(inputTokens, outputTokens), new AgentMethodPolicy
        {
            Agent = agent,
            Method = method,
            Settings = new BudgetSettings { Model = model, InputTokensPerMinute = 50_000, OutputTokensPerMinute = 10_000, MaxContextTokens = maxContextTokens, MaxOutputTokens = 1_000, LimitName = "provider" },
        });
        await client.GetResponseAsync("canary-prompt", cancellationToken: cancellationToken);
    }

    /// <summary>Spends dollars under a budget.</summary>
    public async Task SpendAsync(string budget, decimal dollars, decimal? limit = 10, AtLimit atLimit = AtLimit.Refuse, string agent = "SupportAgent", string model = "claude-sonnet-4-5", string? tenant = null)
    {
        var reservation = await Runtime.Costs.ReserveAsync(
            new CostBudget(budget, limit is { } some ? Usd.FromDollars(some) : null, BudgetPeriod.Day) { AtLimit = atLimit }, Usd.FromDollars(dollars));
        await Runtime.Costs.SettleAsync(reservation, new LedgerEntry
        {
            Id = reservation.Id,
            At = reservation.At,
            Agent = agent,
            Method = "Ask",
            Model = model,
            Budget = budget,
            Tenant = tenant,
            Cost = Usd.FromDollars(dollars),
            Usage = new TokenUsage { FreshInput = (long)(dollars * 90_000), CacheRead = (long)(dollars * 410_000), CacheWrite5Minutes = (long)(dollars * 30_000), Output = (long)(dollars * 21_000) },
        });
    }

    /// <summary>Answers of the response cache, two of three found again.</summary>
    public async Task FillCacheAsync(int answers)
    {
        for (var index = 0; index < answers; index++)
        {
            var info = new CacheEntryInfo { Agent = "SupportAgent", Method = "Classify" };
            using var builder = new CacheKeyBuilder();
            builder.Add(info);
            builder.Add("question", index);
            var key = builder.Build();
            for (var lookup = 0; lookup < 3; lookup++)
                await Runtime.Cache.GetOrCreateAsync(key, info, static _ => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "canary-answer")) { FinishReason = ChatFinishReason.Stop }));
        }
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var document = JsonDocument.Parse(await _client.GetStringAsync(new Uri(Address, path)));
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class Echo(int inputTokens, int outputTokens) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "canary-answer"))
            {
                FinishReason = ChatFinishReason.Stop,
                Usage = new UsageDetails { InputTokenCount = inputTokens, OutputTokenCount = outputTokens },
            });

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}

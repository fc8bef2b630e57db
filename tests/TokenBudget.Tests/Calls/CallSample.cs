using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;

namespace TokenBudget.Tests.Calls;

/// <summary>A runtime with one priced model whose tokens are words: 1 $ a million input tokens, 10 $ a million output tokens.</summary>
internal sealed class CallSample : IAsyncDisposable
{
    public const string Model = "words-1";

    public static readonly ModelInfo ModelInfo = new()
    {
        Id = Model,
        Provider = "openai",
        MaxInputTokens = 100_000,
        MaxOutputTokens = 9_000,
        Prices = [new ModelPrices { Rates = Rates }],
    };

    private static TokenRates Rates => new()
    {
        Input = 1_000_000, Output = 10_000_000, CacheRead = 100_000, CacheWrite5Minutes = 1_000_000, CacheWrite1Hour = 1_000_000, Reasoning = 10_000_000,
    };

    public CallSample(Action<TokenBudgetOptions>? configure = null, ILedger? ledger = null, TimeProvider? time = null, IConversationStore? conversations = null)
    {
        // One attempt, unless a test is about more.
        Options = new TokenBudgetOptions { Retries = { MaxAttempts = 1 }, Models = new ModelCatalogue([ModelInfo, ModelInfo with { Id = "cached-1", Provider = "anthropic" }]) };
        configure?.Invoke(Options);
        Runtime = new TokenBudgetRuntime(Options, ledger, conversations, time: time ?? Time);
        Runtime.Counters.Use(Model, TokenCounter.Create(static text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length));
    }

    public VirtualTimeProvider Time { get; } = new();

    public TokenBudgetOptions Options { get; }

    public TokenBudgetRuntime Runtime { get; }

    public static AgentMethodPolicy Policy(BudgetSettings? settings = null) =>
        new() { Agent = "Writer", Method = "Ask", Settings = (settings ?? BudgetSettings.Unset) with { Model = settings?.Model ?? Model } };

    public BudgetedChatClient Client(IChatClient inner, BudgetSettings? settings = null) => Runtime.CreateClient(inner, Policy(settings));

    public async Task<List<LedgerEntry>> LinesAsync()
    {
        var lines = new List<LedgerEntry>();
        await foreach (var line in Runtime.Ledger.ReadAsync(new LedgerQuery()))
            lines.Add(line);
        return lines;
    }

    /// <summary>Nothing is held any more, by whatever way the calls ended.</summary>
    public void ShouldHoldNothing()
    {
        foreach (var budget in Runtime.Costs.GetStatus())
            budget.Reserved.ShouldBe(Usd.Zero, $"budget {budget.Name}");
        foreach (var limit in Runtime.RateLimits)
            (limit.Open, limit.Waiting).ShouldBe((0, 0), $"limit {limit.Name}");
    }

    public ValueTask DisposeAsync() => Runtime.DisposeAsync();
}

using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.TestSupport;

namespace TokenBudget.Sqlite.Tests;

/// <summary>What a process has learned about counting, the next one knows.</summary>
public sealed class RestartTests
{
    private const string Model = "claude-sonnet-4-5";

    [Fact]
    public async Task Learned_ratios_survive_a_restart()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("store.db");
        long first;
        await using (var store = await SqliteStore.OpenAsync(path))
        await using (var runtime = Start(store))
        {
            first = await AskAsync(runtime, reported: null);
            // 5,000 tokens of tools that only a client further inside knows of.
            for (var call = 0; call < 3; call++)
                await AskAsync(runtime, reported: first + 5_000);
        }

        await using var again = await SqliteStore.OpenAsync(path);
        foreach (var spelling in (string[])[Model, Model.ToUpperInvariant()])
        {
            await using var restarted = Start(again);
            (await AskAsync(restarted, reported: null, spelling)).ShouldBeInRange(first + 4_998, first + 5_002, "nothing was reported, so the estimate is billed");
            (await AskAsync(restarted, reported: null, agent: "other")).ShouldBe(first);
        }
    }

    private static TokenBudgetRuntime Start(SqliteStore store) => new(new TokenBudgetOptions(), ledger: store);

    /// <returns>The input that was billed.</returns>
    private static async Task<long> AskAsync(TokenBudgetRuntime runtime, long? reported, string model = Model, string agent = "support")
    {
        var reply = reported is { } input ? FakeReply.Text("yes", input: input, output: 1) : FakeReply.Text("yes");
        var policy = new AgentMethodPolicy { Agent = agent, Method = "Ask", Settings = BudgetSettings.Unset with { Model = model } };
        await new FakeChatClient(reply).WithTokenBudget(runtime, policy).GetResponseAsync([new ChatMessage(ChatRole.User, string.Join(' ', Enumerable.Repeat("word", 1_000)))]);
        return (await runtime.Ledger.ReadAsync(new LedgerQuery()).ToListAsync())[^1].Usage.FreshInput;
    }
}

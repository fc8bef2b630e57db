using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Retries;
using TokenBudget.Sqlite;
using TokenBudget.Testing;
using TokenBudget.Wire.Tests.Clients;

namespace TokenBudget.Wire.Tests;

/// <summary>Asks a provider without end, with its ledger in a file, and says on the standard output which calls were answered. See <see cref="KillTests"/>.</summary>
internal static class Program
{
    public const int Callers = 8;

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["ask", var provider, var path, var round])
            return 2;

        await using var store = await SqliteStore.OpenAsync(path);
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions { Retries = { MaxAttempts = 1 } }, ledger: store);
        using var http = new HttpClient(new RateLimitHeaderHandler(new SocketsHttpHandler())) { BaseAddress = new Uri(provider) };
        using var client = new HttpChatClient(http, SimulatedDialect.Anthropic, "any");
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => AskAsync(runtime, client, $"{round}.{caller}"))));
        return 0;
    }

    private static async Task AskAsync(TokenBudgetRuntime runtime, HttpChatClient client, string caller)
    {
        for (var number = 0; ; number++)
        {
            // An agent for each call, so that its line has its name.
            var call = string.Create(CultureInfo.InvariantCulture, $"call {caller}.{number}");
            var budgeted = runtime.CreateClient(client, new AgentMethodPolicy
            {
                Agent = call,
                Method = "Ask",
                Settings = BudgetSettings.Unset with { Model = Wire.Sonnet, MaxOutputTokens = 100, BudgetName = "bank", LimitUsd = 1_000 },
            });
            await Wire.AskAsync(budgeted, call, isStream: number % 2 == 0);
            await Console.Out.WriteLineAsync($"answered {call}.");
        }
    }
}

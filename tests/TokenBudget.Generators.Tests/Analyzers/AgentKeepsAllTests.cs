using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class AgentKeepsAllTests
{
    [Theory]
    [InlineData("a session for each turn", "while (true) { var session = await agent.CreateSessionAsync(); await agent.RunAsync(\"x\", session); }")]
    [InlineData("a session exchanged", "var session = await agent.CreateSessionAsync(); while (true) { await agent.RunAsync(\"x\", session); session = await agent.CreateSessionAsync(); }")]
    [InlineData("two turns", "var session = await agent.CreateSessionAsync(); await agent.RunAsync(\"x\", session); await agent.RunAsync(\"y\", session);")]
    [InlineData("no session", "while (true) await agent.RunAsync(\"x\");")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a loop", "var session = await agent.CreateSessionAsync(); while (true) await {|TB0022:agent.RunAsync(Console.ReadLine()!, session)|};")]
    [InlineData("a field", "await {|TB0022:agent.RunAsync(\"x\", _session)|};")]
    public Task Reports(string what, string code) => Run(what, code);

    [Fact]
    public Task Says_nothing_where_a_reducer_is_set_up() => AnalyzerRun.ShouldReport<AgentKeepsAllAnalyzer>("""
        using Microsoft.Agents.AI;
        class C { async Task M(AIAgent agent, AgentSession session) { var s = session; while (true) await agent.RunAsync("x", s); } }
        class ChatClientAgent : AIAgent;
        """, Stubs.AgentFramework, Stubs.Reducer);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<AgentKeepsAllAnalyzer>($$"""
            using Microsoft.Agents.AI;
            class C
            {
                private readonly AgentSession _session = null!;
                static AIAgent Make() => new ChatClientAgent();
                async Task M(AIAgent agent)
                {
                    {{code}}
                }
            }

            class ChatClientAgent : AIAgent;
            """, Stubs.AgentFramework);
    }
}

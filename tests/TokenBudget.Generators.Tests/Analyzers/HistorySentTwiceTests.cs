using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class HistorySentTwiceTests
{
    [Theory]
    [InlineData("a session and the new message", "while (true) { await agent.RunAsync(Read(), session); }")]
    [InlineData("a list made for each turn", "while (true) { var h = new List<ChatMessage> { new() }; h.Add(new()); await agent.RunAsync(h, session); }")]
    [InlineData("a list that is emptied", "var h = new List<ChatMessage>(); while (true) { h.Clear(); h.Add(new()); await agent.RunAsync(h, session); }")]
    [InlineData("a list and no session", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await agent.RunAsync(h); }")]
    [InlineData("a list that is sent once", "var h = new List<ChatMessage>(); h.Add(new()); await agent.RunAsync(h, session);")]
    [InlineData("an id, and a list that is emptied where there is one", "var h = new List<ChatMessage>(); var o = new ChatOptions(); while (true) { h.Add(new()); var r = await client.GetResponseAsync(h, o); o.ConversationId = r.ConversationId; if (o.ConversationId != null) h.Clear(); else h.AddMessages(r); }")]
    [InlineData("an id set from outside", "var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync(h, new ChatOptions { ConversationId = text }); }")]
    [InlineData("a message added after the call", "var h = new List<ChatMessage>(); var m = new ChatMessage(); await client.GetResponseAsync([.. h, m]); h.Add(m);")]
    [InlineData("another message", "var h = new List<ChatMessage>(); var m = new ChatMessage(); var n = new ChatMessage(); h.Add(m); await client.GetResponseAsync([.. h, n]);")]
    [InlineData("a message added in one case", "var h = new List<ChatMessage>(); var m = new ChatMessage(); if (text == \"x\") h.Add(m); await client.GetResponseAsync([.. h, m]);")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a session beside the list", "var h = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Read())); var r = await agent.RunAsync({|TB0004:h|}, session); h.AddRange(r.Messages); }")]
    [InlineData("a session beside a copy", "var h = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Read())); await agent.RunAsync({|TB0004:h.ToList()|}, session); }")]
    [InlineData("an id beside the list", "var h = new List<ChatMessage>(); var o = new ChatOptions(); while (true) { h.Add(new()); var r = await client.GetResponseAsync({|TB0004:h|}, o); o.ConversationId = r.ConversationId; h.AddMessages(r); }")]
    [InlineData("the message added and appended", "var h = new List<ChatMessage>(); var m = new ChatMessage(); h.Add(m); await client.GetResponseAsync({|TB0004:[.. h, m]|});")]
    [InlineData("the text added and appended", "var h = new List<ChatMessage>(); h.Add(new(ChatRole.User, text)); await client.GetResponseAsync({|TB0004:[.. h, new(ChatRole.User, text)]|});")]
    public Task Reports(string what, string code) => Run(what, code);

    [Fact]
    public Task Reports_members_too() => AnalyzerRun.ShouldReport<HistorySentTwiceAnalyzer>("""
        using Microsoft.Agents.AI;
        class C(AIAgent agent, AgentSession session)
        {
            private readonly List<ChatMessage> _history = [];
            async Task M() { _history.Add(new()); await agent.RunAsync({|TB0004:_history|}, session); }
        }
        """, Stubs.AgentFramework);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<HistorySentTwiceAnalyzer>($$"""
            using Microsoft.Agents.AI;
            class C
            {
                async Task M(AIAgent agent, AgentSession session, IChatClient client, string text)
                {
                    {{code}}
                }

                static string Read() => Console.ReadLine()!;
            }
            """, Stubs.AgentFramework);
    }
}

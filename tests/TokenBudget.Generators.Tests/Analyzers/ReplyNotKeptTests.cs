using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class ReplyNotKeptTests
{
    [Theory]
    [InlineData("a conversation", "var h = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Read())); var r = await client.GetResponseAsync(h); h.AddMessages(r); }")]
    [InlineData("the text of a reply", "var h = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Read())); var r = await client.GetResponseAsync(h); h.Add(new(ChatRole.Assistant, r.Text)); }")]
    [InlineData("a stream", "var h = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Read())); var t = \"\"; await foreach (var u in client.GetStreamingResponseAsync(h)) t += u.Text; h.Add(new(ChatRole.Assistant, t)); }")]
    [InlineData("a reply in the role of a user", "var h = new List<ChatMessage>(); while (true) { var r = await client.GetResponseAsync(h); h.Add(new(ChatRole.User, r.Text)); }")]
    [InlineData("a helper that may add it", "var h = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Read())); Keep(h, await client.GetResponseAsync(h)); }")]
    [InlineData("questions of one turn", "while (true) { var h = new List<ChatMessage> { new() }; h.Add(new(ChatRole.User, Read())); await client.GetResponseAsync(h); }")]
    [InlineData("a reply added by a local function", "var h = new List<ChatMessage>(); while (true) await Turn(); async Task Turn() { h.Add(new(ChatRole.User, Read())); await client.GetResponseAsync(h); h.Add(new(ChatRole.Assistant, Read())); }")]
    [InlineData("a log beside the history", "var h = new List<ChatMessage>(); var log = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Read())); var r = await client.GetResponseAsync(h); h.AddMessages(r); log.AddMessages(r); }")]
    [InlineData("a fixed prompt, and a record that is shown", "var h = new List<ChatMessage> { new() }; var log = new List<ChatMessage>(); while (true) { log.AddMessages(await client.GetResponseAsync(h)); Console.WriteLine(log.Count); }")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("questions after instructions", "var h = new List<ChatMessage>(); h.Add(new(ChatRole.System, Read())); while (true) { h.Add(new(ChatRole.User, Read())); await client.GetResponseAsync({|TB0005:h|}); }")]
    [InlineData("questions alone", "var h = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Read())); await client.GetResponseAsync({|TB0005:h|}); }")]
    [InlineData("questions alone, streamed", "var h = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Read())); await foreach (var u in client.GetStreamingResponseAsync({|TB0005:h|})) Console.Write(u); }")]
    [InlineData("another list", "var h = new List<ChatMessage> { new() }; var other = new List<ChatMessage>(); while (true) { other.Add(new(ChatRole.User, Read())); await client.GetResponseAsync({|TB0005:h|}); }")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<ReplyNotKeptAnalyzer>($$"""
            class C
            {
                async Task M(IChatClient client)
                {
                    {{code}}
                }

                static string Read() => Console.ReadLine()!;
                static void Keep(List<ChatMessage> messages, ChatResponse response) => messages.AddMessages(response);
            }
            """);
    }
}

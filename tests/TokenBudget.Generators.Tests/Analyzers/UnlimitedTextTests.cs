using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnlimitedTextTests
{
    [Theory]
    [InlineData("a part of a file", "var t = await File.ReadAllTextAsync(path); await client.GetResponseAsync(t[..100]);")]
    [InlineData("a file whose length is looked at", "var t = await File.ReadAllTextAsync(path); if (t.Length > 100) return; await client.GetResponseAsync(t);")]
    [InlineData("a file that is not sent", "var t = await File.ReadAllTextAsync(path); Console.Write(t); await client.GetResponseAsync(\"x\");")]
    [InlineData("an object", "await client.GetResponseAsync(System.Text.Json.JsonSerializer.Serialize(new Version()));")]
    [InlineData("the first of many", "await client.GetResponseAsync(System.Text.Json.JsonSerializer.Serialize(many.Take(9)));")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a file", "var t = await {|TB0024:File.ReadAllTextAsync(path)|}; await client.GetResponseAsync($\"Summarize: {t}\");")]
    [InlineData("a file in a message", "var h = new List<ChatMessage>(); h.Add(new(ChatRole.User, {|TB0024:File.ReadAllText(path)|})); await client.GetResponseAsync(h);")]
    [InlineData("a page", "var t = await {|TB0024:http.GetStringAsync(path)|}; await client.GetResponseAsync([new ChatMessage(ChatRole.User, t)]);")]
    [InlineData("a collection", "await client.GetResponseAsync({|TB0024:System.Text.Json.JsonSerializer.Serialize(many)|});")]
    [InlineData("a text that is put together", "var b = new System.Text.StringBuilder(); b.AppendLine({|TB0024:File.ReadAllText(path)|}); await client.GetResponseAsync(b.ToString());")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<UnlimitedTextAnalyzer>($$"""
            using System.IO;
            using System.Net.Http;
            class C(IChatClient client, HttpClient http)
            {
                async Task M(string path, List<string> many)
                {
                    {{code}}
                    _ = http;
                }
            }
            """);
    }
}

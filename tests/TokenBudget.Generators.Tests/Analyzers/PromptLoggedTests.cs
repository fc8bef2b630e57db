using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class PromptLoggedTests
{
    [Theory]
    [InlineData("an id", "var r = await client.GetResponseAsync(question); logger.LogInformation(\"{Id}\", id);")]
    [InlineData("a length", "var r = await client.GetResponseAsync(question); logger.LogInformation(\"{Length} {Used}\", question.Length, r.Usage?.OutputTokenCount);")]
    [InlineData("a level for developers", "await client.GetResponseAsync(question); logger.LogDebug(\"{Q}\", question);")]
    [InlineData("a text that is not sent", "await client.GetResponseAsync(\"x\"); logger.LogInformation(\"{Q}\", question);")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("a question", "await client.GetResponseAsync(question); logger.LogInformation(\"{Q}\", {|TB0019:question|});")]
    [InlineData("a question in a message", "await client.GetResponseAsync([new ChatMessage(ChatRole.User, question)]); logger.LogInformation($\"asked {({|TB0019:question|})}\");")]
    [InlineData("an answer", "var r = await client.GetResponseAsync(question); logger.LogInformation(\"{Id} {A}\", id, {|TB0019:r.Text|});")]
    [InlineData("an answer in a variable", "var a = (await client.GetResponseAsync(\"x\")).Text; logger.LogInformation(\"{A}\", {|TB0019:a|});")]
    [InlineData("messages", "var h = new List<ChatMessage>(); await client.GetResponseAsync(h); logger.LogInformation(\"{H}\", {|TB0019:h|});")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<PromptLoggedAnalyzer>($$"""
            class C(IChatClient client, ILogger logger)
            {
                async Task M(string question, int id)
                {
                    {{code}}
                }
            }

            interface ILogger;
            static class LoggerExtensions
            {
                public static void LogInformation(this ILogger logger, string? message, params object?[] args) { }
                public static void LogDebug(this ILogger logger, string? message, params object?[] args) { }
            }
            """);
    }
}

using System.Globalization;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class VolatilePrefixTests
{
    private const string Rule = "Follow the rules of the house and answer as briefly as you can. ";

    /// <summary>14 tokens each: in <c>90*</c> 1,260, and so on.</summary>
    private static string Source(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, "<([0-9]+)>", static match => string.Concat(Enumerable.Repeat(Rule, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))));

    [Theory]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"It is {now}. Answer: {q}\")] Task<string> AskAsync(DateTime now, string q); }")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"<90>It is {now}: {q}\")] Task<string> AskAsync(DateTime now, string q); }")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{q}<90>\")] Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\")] public interface IA { [Prompt(\"<90>{q}<90>\")] Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), SystemPrompt(\"<90>\")] public interface IA { [Prompt(\"{q}: <20>\")] Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\")] public interface IA { [Prompt(\"Sort: {q}\")] Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), SystemPrompt(\"<60>\")] public interface IA { Task<string> AskAsync(Conversation c, string q); }")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), SystemPrompt(\"<60>\")] public interface IA { Task<string> AskAsync(string q, IEnumerable<AITool> tools); }")]
    [InlineData("[Cached] public interface IA { Task<string> AskAsync(string q); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<VolatilePrefixAnalyzer>(Source(source));

    [Theory]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"It is {at}. <90>{q}\")] Task<string> AskAsync(DateTime {|TB0109:at|}, string q); }", "'at' stands before 1,262 constant tokens")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{requestId} <90>{now}\")] Task<string> AskAsync(string {|TB0109:requestId|}, string now); }", "'requestId'")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\")] public interface IA { [Prompt(\"<10>{q}\\n<90>\")] Task<string> AskAsync(string {|TB0109:q|}); }", "and gpt-4o keeps beginnings from 1,024 on: put the constant text first")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), SystemPrompt(\"<60>\")] public interface IA { Task<string> {|TB0109:AskAsync|}(string q); }", "begins with 841 constant tokens, and gpt-4o keeps beginnings from 1,024 on")]
    [InlineData("[ChatAgent(Model = \"gpt-4o\"), SystemPrompt(\"<40>\")] public interface IA { [Prompt(\"{name}, <40>: {q}\")] Task<string> AskAsync(string {|TB0109:name|}, string q); }", "'name' stands before")]
    public async Task Reports(string source, string message) =>
        (await AnalyzerRun.ShouldReport<VolatilePrefixAnalyzer>(Source(source)))[0].GetMessage(CultureInfo.InvariantCulture).ShouldContain(message);
}

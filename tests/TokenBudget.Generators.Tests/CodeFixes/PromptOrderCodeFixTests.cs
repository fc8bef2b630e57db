using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class PromptOrderCodeFixTests
{
    /// <summary>More than any provider's minimum.</summary>
    private static readonly string Rules = string.Concat(Enumerable.Repeat("Be as brief as you can. ", 900));

    [Theory]
    [InlineData("\"It is {now}.\\n<rules>\\n{q}\"", "\"<rules>\\nIt is {now}.\\n{q}\"")]
    [InlineData("\"Now:\\n{now}\\n<rules> {{x}} c:\\\\new\\n\\n{q}\"", "\"<rules> {{x}} c:\\\\new\\n\\nNow:\\n{now}\\n{q}\"")]
    [InlineData("@\"<now>\n{now}\n</now>\n<rules>\n{q}\"", "@\"<rules>\n<now>\n{now}\n</now>\n{q}\"")]
    [InlineData("\"\"\"\n    It is {now}.\n    <rules>\n    {q}\n    \"\"\"", "\"\"\"\n    <rules>\n    It is {now}.\n    {q}\n    \"\"\"")]
    public Task Puts_the_constant_lines_first(string before, string after) =>
        CodeFixRun.ShouldFix<VolatilePrefixAnalyzer, PromptOrderCodeFix>(Source(before), Source(after));

    [Fact]
    public Task Reorders_all() => CodeFixRun.ShouldFixAll<VolatilePrefixAnalyzer, PromptOrderCodeFix>(
        Source("\"It is {now}.\\n<rules>\\n{q}\"") + Source("\"{q} {now}\\n<rules>\"", "IB", model: "gpt-4o"), Source("\"<rules>\\nIt is {now}.\\n{q}\"") + Source("\"<rules>\\n{q} {now}\"", "IB", model: "gpt-4o"));

    [Theory]
    [InlineData("\"It is {now}. <rules> {q}\"")]
    [InlineData("\"It is {now}.\\n\" + \"<rules>\\n{q}\"")]
    [InlineData("\"Sort.\"), Prompt(\"It is {now}.\\n<rules>\\n{q}\"")]
    public Task Offers_nothing_where_the_lines_are_not_there_to_move(string prompt) => CodeFixRun.ShouldOfferNothing<VolatilePrefixAnalyzer, PromptOrderCodeFix>(Source(prompt));

    private static string Source(string prompt, string name = "IA", string? model = null) =>
        $"[ChatAgent{(model is null ? "" : $"(Model = \"{model}\")")}] public interface {name} {{ [Prompt({prompt.Replace("<rules>", Rules, StringComparison.Ordinal)})] Task<string> AskAsync(DateTime now, string q); }}\n";
}

using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

/// <summary>What an <c>.editorconfig</c> may tell the rules.</summary>
public sealed class RuleSettingsTests
{
    private const string Helper = """
        class C
        {
            async Task M(IChatClient client)
            {
                var history = new List<ChatMessage>();
                while (true)
                {
                    history.Add(new());
                    await client.GetResponseAsync(Forget(history));
                }
            }

            static List<ChatMessage> Forget(List<ChatMessage> messages) => [.. messages];
        }
        """;

    private const string Store = "class C { readonly Dictionary<string, List<ChatMessage>> _all = []; void M(string id) => _all[id] = []; }";

    [Theory]
    [InlineData("", 1)]
    [InlineData("Forget", 0)]
    [InlineData("Other, Forget", 0)]
    [InlineData("forget", 1)]
    [InlineData(",;", 1)]
    public async Task A_method_can_be_named_that_shortens_histories(string methods, int reports) =>
        (await Analyze(new HistoryGrowsInLoopAnalyzer(), Helper, "tokenbudget.history_limiters", methods)).ShouldBe(reports);

    [Theory]
    [InlineData("true", 1)]
    [InlineData("false", 0)]
    [InlineData("perhaps", 0)]
    public async Task A_project_can_be_said_to_be_a_server(string value, int reports) =>
        (await Analyze(new HistoriesNeverEvictedAnalyzer(), Store, "tokenbudget.is_server", value)).ShouldBe(reports);

    [Fact]
    public async Task A_server_can_be_said_to_be_none() =>
        (await Analyze(new HistoriesNeverEvictedAnalyzer(), Store + Stubs.Server, "tokenbudget.is_server", "false")).ShouldBe(0);

    private static async Task<int> Analyze(Microsoft.CodeAnalysis.Diagnostics.DiagnosticAnalyzer analyzer, string source, string key, string value) =>
        (await AnalyzerRun.Analyze(analyzer, TestCompilation.Create(source, AnalyzerRun.References), [], new TestProperties(new Dictionary<string, string> { [key] = value }))).Count;
}

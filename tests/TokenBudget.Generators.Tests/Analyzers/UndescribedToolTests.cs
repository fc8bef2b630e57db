using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UndescribedToolTests
{
    private const string Tools = """
        public sealed class Orders
        {
            /// <summary>Finds them.</summary>
            public string[] Find(string id) => [];
            [System.ComponentModel.Description("")] public Task CancelAsync(string id) => Task.CompletedTask;
            [System.ComponentModel.Description("Counts the orders of today.")] public int Count() => 0;
        }

        public static class Clock { [System.ComponentModel.Description("The time.")] public static string Now() => ""; }
        """;

    [Fact]
    public async Task A_tool_with_its_name_alone_is_reported_where_it_is_given()
    {
        var reported = await AnalyzerRun.ShouldReport<UndescribedToolAnalyzer>(
            $"{Tools}\n[ChatAgent] public interface IA {{ [{{|TB0116:Tools(typeof(Orders))|}}] Task<string> AskAsync(string q); }}");

        reported.Single().GetMessage(null).ShouldStartWith("The model is told nothing of 'Find', 'Cancel' of 'Orders' but the name");
    }

    [Fact]
    public Task Tools_of_an_interface_are_reported_once() => AnalyzerRun.ShouldReport<UndescribedToolAnalyzer>(
        $"{Tools}\n[ChatAgent, {{|TB0116:Tools(typeof(Orders))|}}] public interface IA {{ Task<string> AskAsync(string q); Task<string> TellAsync(string q); }}");

    [Theory]
    [InlineData("[ChatAgent] public interface IA { [Tools(typeof(Clock))] Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q, IEnumerable<AITool> tools); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<UndescribedToolAnalyzer>($"{Tools}\n{source}");
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.CodeFixes;

public sealed class HistoryPolicyCodeFixTests
{
    [Fact]
    public Task Adds_the_attribute() => ShouldFix(
        """
        [ChatAgent]
        public interface IAgent
        {
            Task<string> FirstAsync(string q);

            // Goes on and on.
            Task<string> AskAsync(Conversation c, string q);
        }
        """,
        """
        [ChatAgent]
        public interface IAgent
        {
            Task<string> FirstAsync(string q);

            // Goes on and on.
            [TokenBudget(MaxContextTokens = 50_000)]
            Task<string> AskAsync(Conversation c, string q);
        }
        """);

    [Fact]
    public Task Adds_to_the_attribute_that_is_there() => ShouldFix(
        """
        [ChatAgent]
        public interface IAgent
        {
            [TokenBudget(MaxRounds = 3)]
            Task<string> AskAsync(Conversation c, string q);
        }
        """,
        """
        [ChatAgent]
        public interface IAgent
        {
            [TokenBudget(MaxRounds = 3, MaxContextTokens = 50_000)]
            Task<string> AskAsync(Conversation c, string q);
        }
        """);

    [Fact]
    public Task Adds_it_above_other_attributes() => ShouldFix(
        """
        [ChatAgent]
        public interface IAgent
        {
            [Prompt("{q}")]
            Task<string> AskAsync(Conversation c, string q);
        }
        """,
        """
        [ChatAgent]
        public interface IAgent
        {
            [TokenBudget(MaxContextTokens = 50_000)]
            [Prompt("{q}")]
            Task<string> AskAsync(Conversation c, string q);
        }
        """);

    [Fact]
    public void Fixes_all_in_one_go() =>
        new HistoryPolicyCodeFix().GetFixAllProvider().ShouldBe(WellKnownFixAllProviders.BatchFixer);

    [Fact]
    public async Task Offers_nothing_for_an_inherited_method()
    {
        var actions = await Actions("public interface IB { Task<string> AskAsync(Conversation c); } [ChatAgent] public interface IA : IB;");
        actions.Actions.ShouldBeEmpty();
    }

    private static async Task ShouldFix(string before, string after)
    {
        var (document, actions) = await Actions(before);
        var operations = await actions.Single().GetOperationsAsync(CancellationToken.None);
        var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
        (await changed.GetTextAsync()).ToString().ShouldBe(after);
    }

    private static async Task<(Document Document, List<CodeAction> Actions)> Actions(string source)
    {
        using var workspace = new AdhocWorkspace();
        var project = workspace.AddProject("Consumer", LanguageNames.CSharp)
            .WithMetadataReferences(AnalyzerRun.References)
            .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary))
            .WithParseOptions(TestCompilation.ParseOptions);
        project = project.AddDocument("Usings.cs", TestCompilation.Usings).Project;
        var document = project.AddDocument("Test.cs", source);
        var compilation = (await document.Project.GetCompilationAsync())!;
        var diagnostic = (await AnalyzerRun.Analyze<NoHistoryPolicyAnalyzer>(compilation)).Single();
        var actions = new List<CodeAction>();
        await new HistoryPolicyCodeFix().RegisterCodeFixesAsync(
            new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None));
        return (document, actions);
    }
}

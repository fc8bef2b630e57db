using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using TokenBudget.CodeFixes;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.CodeFixes;

/// <summary>What is agreed to in the editor is what the tool would have written.</summary>
public sealed class ContractCodeFixTests
{
    private const string Before = """
        [ChatAgent(Model = "gpt-4o"), TokenBudget(MaxContextTokens = 8_000, MaxOutputTokens = 100)]
        public interface IA { [Prompt("Sort: {q}")] Task<string> AskAsync([MaxTokens(100)] string q); Task<string> GoneAsync(string q); Task<string> SameAsync(string q); }
        """;

    private static readonly string After = Before
        .Replace("Sort: {q}", "Sort this ticket: {q}", StringComparison.Ordinal)
        .Replace("GoneAsync", "NewAsync", StringComparison.Ordinal);

    private static readonly string Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "tokenbudget.lock.json");

    [Fact]
    public async Task One_contract_is_agreed_to()
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace);
        var report = (await Reports<CeilingRoseAnalyzer>(document)).ShouldHaveSingleItem();

        var text = await FixedAsync(document, report);

        var (old, now) = (LockOf(Before).Split('\n'), LockOf(After).Split('\n'));
        text.Split('\n').ShouldBe([old[0], now[1], old[2], old[3], .. old[4..]]);
    }

    [Fact]
    public async Task One_that_is_new_gets_its_line_and_one_that_is_gone_loses_it()
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace);
        var reports = await Reports<ContractChangedAnalyzer>(document);
        reports.Count.ShouldBe(2);

        (await FixedAsync(document, reports.Single(static report => report.Location.IsInSource))).Split('\n').Count(static line => line.Contains("Async", StringComparison.Ordinal)).ShouldBe(4);
        (await FixedAsync(document, reports.Single(static report => !report.Location.IsInSource))).Split('\n').Count(static line => line.Contains("Async", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task All_of_them_make_the_file_the_tool_writes()
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace);
        Diagnostic[] reports = [.. await Reports<CeilingRoseAnalyzer>(document), .. await Reports<ContractChangedAnalyzer>(document)];
        var fix = new ContractCodeFix();
        var context = new FixAllContext(document, fix, FixAllScope.Project, nameof(ContractCodeFix), fix.FixableDiagnosticIds, new GivenDiagnostics(reports), CancellationToken.None);

        var action = await fix.GetFixAllProvider().GetFixAsync(context);

        (await TextAsync(document, action.ShouldNotBeNull())).ShouldBe(LockOf(After));
    }

    /// <summary>Somebody broke the file after it was compared with.</summary>
    [Fact]
    public async Task A_file_that_cannot_be_read_stays_as_it_is()
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace);
        var report = (await Reports<CeilingRoseAnalyzer>(document)).Single();
        var broken = document.Project.Solution.WithAdditionalDocumentText(document.Project.AdditionalDocuments.Single().Id, Microsoft.CodeAnalysis.Text.SourceText.From("<<<<<<<"));

        (await FixedAsync(broken.GetDocument(document.Id)!, report)).ShouldBe("<<<<<<<");
    }

    private static string LockOf(string source) => GeneratorRun.Start(TestCompilation.Create(source)).Lock;

    private static Document Open(AdhocWorkspace workspace) => workspace.AddProject("Consumer", LanguageNames.CSharp)
        .WithMetadataReferences(AnalyzerRun.References)
        .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary).WithNullableContextOptions(NullableContextOptions.Enable))
        .WithParseOptions(TestCompilation.ParseOptions)
        .AddAdditionalDocument("tokenbudget.lock.json", LockOf(Before), filePath: Path).Project
        .AddDocument("Usings.cs", TestCompilation.Usings).Project
        .AddDocument("Test.cs", After);

    private static async Task<IReadOnlyList<Diagnostic>> Reports<TAnalyzer>(Document document)
        where TAnalyzer : DiagnosticAnalyzer, new() =>
        await AnalyzerRun.Analyze<TAnalyzer>((await document.Project.GetCompilationAsync())!, [new TestFile(Path, LockOf(Before))]);

    private static async Task<string> FixedAsync(Document document, Diagnostic report)
    {
        var actions = new List<CodeAction>();
        TextDocument place = report.Location.IsInSource ? document : document.Project.AdditionalDocuments.Single();
        await new ContractCodeFix().RegisterCodeFixesAsync(new CodeFixContext(place, report, (action, _) => actions.Add(action), CancellationToken.None));
        return await TextAsync(document, actions.ShouldHaveSingleItem());
    }

    private static async Task<string> TextAsync(Document document, CodeAction action)
    {
        var operations = await action.GetOperationsAsync(CancellationToken.None);
        var changed = operations.OfType<ApplyChangesOperation>().SingleOrDefault()?.ChangedSolution ?? document.Project.Solution;
        return (await changed.GetProject(document.Project.Id)!.AdditionalDocuments.Single().GetTextAsync()).ToString();
    }
}

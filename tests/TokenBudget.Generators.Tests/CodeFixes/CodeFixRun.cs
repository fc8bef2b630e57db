using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.CodeFixes;

/// <summary>Applies a fix to what one analyzer reports. What comes out has to compile.</summary>
internal static class CodeFixRun
{
    /// <summary>Mends the first report.</summary>
    public static async Task ShouldFix<TAnalyzer, TFix>(string before, string after, params string[] moreSources)
        where TAnalyzer : DiagnosticAnalyzer, new()
        where TFix : CodeFixProvider, new()
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, before, moreSources);
        var actions = await Actions<TAnalyzer, TFix>(document);
        await ShouldBe(document, actions.First(), after);
    }

    /// <summary>Mends all reports of the file at once.</summary>
    public static async Task ShouldFixAll<TAnalyzer, TFix>(string before, string after, params string[] moreSources)
        where TAnalyzer : DiagnosticAnalyzer, new()
        where TFix : CodeFixProvider, new()
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, before, moreSources);
        var fix = new TFix();
        var diagnostics = await Reports<TAnalyzer>(document);
        var key = (await Actions<TAnalyzer, TFix>(document)).First().EquivalenceKey;
        var context = new FixAllContext(document, fix, FixAllScope.Document, key!, fix.FixableDiagnosticIds, new GivenDiagnostics(diagnostics), CancellationToken.None);
        var action = await fix.GetFixAllProvider()!.GetFixAsync(context);
        await ShouldBe(document, action.ShouldNotBeNull(), after);
    }

    public static async Task ShouldOfferNothing<TAnalyzer, TFix>(string source, params string[] moreSources)
        where TAnalyzer : DiagnosticAnalyzer, new()
        where TFix : CodeFixProvider, new()
    {
        using var workspace = new AdhocWorkspace();
        var document = Open(workspace, source, moreSources);
        (await Reports<TAnalyzer>(document)).ShouldNotBeEmpty();
        (await Actions<TAnalyzer, TFix>(document)).ShouldBeEmpty();
    }

    private static Document Open(AdhocWorkspace workspace, string source, string[] moreSources)
    {
        var project = workspace.AddProject("Consumer", LanguageNames.CSharp)
            .WithMetadataReferences(AnalyzerRun.References)
            .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary).WithNullableContextOptions(NullableContextOptions.Enable))
            .WithParseOptions(TestCompilation.ParseOptions);
        project = project.AddDocument("Usings.cs", TestCompilation.Usings).Project;
        foreach (var more in moreSources)
            project = project.AddDocument($"More{project.DocumentIds.Count}.cs", more).Project;
        return project.AddDocument("Test.cs", source);
    }

    private static async Task<IReadOnlyList<Diagnostic>> Reports<TAnalyzer>(Document document)
        where TAnalyzer : DiagnosticAnalyzer, new() =>
        [.. (await AnalyzerRun.Analyze<TAnalyzer>((await document.Project.GetCompilationAsync())!)).OrderBy(static diagnostic => diagnostic.Location.SourceSpan.Start)];

    private static async Task<List<CodeAction>> Actions<TAnalyzer, TFix>(Document document)
        where TAnalyzer : DiagnosticAnalyzer, new()
        where TFix : CodeFixProvider, new()
    {
        var actions = new List<CodeAction>();
        foreach (var diagnostic in await Reports<TAnalyzer>(document))
            await new TFix().RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None));
        return actions;
    }

    private static async Task ShouldBe(Document document, CodeAction action, string after)
    {
        var operations = await action.GetOperationsAsync(CancellationToken.None);
        var changed = operations.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id)!;
        (await changed.GetTextAsync()).ToString().ReplaceLineEndings("\n").ShouldBe(after);
        var compilation = (await changed.Project.GetCompilationAsync())!;
        compilation.GetDiagnostics().Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ShouldBeEmpty();
    }
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>Runs one analyzer on a source with markup.</summary>
internal static class AnalyzerRun
{
    /// <summary>What the test process references, but for the test framework: in test projects some rules keep silent.</summary>
    public static readonly IReadOnlyList<MetadataReference> References =
        [.. Harness.References.All.Where(reference => !Path.GetFileName(reference.Display!).StartsWith("xunit", StringComparison.OrdinalIgnoreCase))];

    /// <summary>Demands the marked diagnostics and no others.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> ShouldReport<TAnalyzer>(string markup, params string[] moreSources)
        where TAnalyzer : DiagnosticAnalyzer, new()
    {
        var expected = Markup.Parse(markup);
        var compilation = TestCompilation.Create(expected.Source, References)
            .AddSyntaxTrees(moreSources.Select((source, index) => TestCompilation.Parse(source, $"More{index}.cs")));
        compilation.GetDiagnostics().Where(diagnostic => diagnostic.DefaultSeverity == DiagnosticSeverity.Error).ShouldBeEmpty();

        var diagnostics = await Analyze<TAnalyzer>(compilation);
        diagnostics.Select(diagnostic => $"{diagnostic.Id} '{Text(diagnostic)}' at {diagnostic.Location.SourceSpan}").Order()
            .ShouldBe(expected.Expected.Select(item => $"{item.Id} '{expected.Source.Substring(item.Span.Start, item.Span.Length)}' at {item.Span}").Order());
        return diagnostics;
    }

    public static async Task<IReadOnlyList<Diagnostic>> Analyze<TAnalyzer>(Compilation compilation)
        where TAnalyzer : DiagnosticAnalyzer, new() =>
        await Analyze<TAnalyzer>(compilation, []);

    public static Task<IReadOnlyList<Diagnostic>> Analyze<TAnalyzer>(Compilation compilation, IEnumerable<TestFile> files, TestProperties? properties = null)
        where TAnalyzer : DiagnosticAnalyzer, new() =>
        Analyze(new TAnalyzer(), compilation, files, properties);

    public static async Task<IReadOnlyList<Diagnostic>> Analyze(
        DiagnosticAnalyzer analyzer, Compilation compilation, IEnumerable<TestFile> files, TestProperties? properties = null)
    {
        Exception? failure = null;
        // What is off by default is on where it is tested.
        var off = analyzer.SupportedDiagnostics.Where(rule => !rule.IsEnabledByDefault).Select(rule => KeyValuePair.Create(rule.Id, ReportDiagnostic.Info));
        var options = compilation.Options.WithSpecificDiagnosticOptions(compilation.Options.SpecificDiagnosticOptions.AddRange(off));
        var run = compilation.WithOptions(options).WithAnalyzers(
            [analyzer],
            new CompilationWithAnalyzersOptions(new AnalyzerOptions([.. files], properties ?? new TestProperties(new Dictionary<string, string>())), (exception, _, _) => failure = exception, concurrentAnalysis: true, false));
        var diagnostics = await run.GetAnalyzerDiagnosticsAsync();
        failure.ShouldBeNull();
        return diagnostics;
    }

    private static string Text(Diagnostic diagnostic) =>
        diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan);
}

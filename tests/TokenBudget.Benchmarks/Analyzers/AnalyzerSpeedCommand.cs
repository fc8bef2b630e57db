extern alias generators;
using System.Diagnostics;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using generators::TokenBudget.Generators;

namespace TokenBudget.Benchmarks.Analyzers;

/// <summary>What all analyzers add to the compilation of a solution of 100,000 lines with 200 calls of a model, as the compiler's own report counts it.</summary>
internal static class AnalyzerSpeedCommand
{
    private const int Rounds = 5;
    private const double Goal = 0.03;

    public static async Task<int> RunAsync()
    {
        var sources = SolutionSource.Files().ToList();
        var lines = sources.Sum(static source => source.Count(static c => c == '\n'));
        var compile = new List<double>();
        var analyze = new List<double>();
        var reports = 0;
        Dictionary<string, double> slowest = [];
        for (var round = 0; round <= Rounds; round++)
        {
            // Each on trees and a compilation of its own, as in two builds.
            var watch = Stopwatch.StartNew();
            var emitted = Compile(sources).Emit(Stream.Null);
            var compiled = watch.Elapsed.TotalMilliseconds;
            if (!emitted.Success)
                throw new InvalidOperationException(string.Join('\n', emitted.Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error).Take(5)));

            var run = Compile(sources).WithAnalyzers(
                [.. Analyzers()],
                new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), onAnalyzerException: null, concurrentAnalysis: false, logAnalyzerExecutionTime: true));
            var result = await run.GetAnalysisResultAsync(CancellationToken.None);
            reports = result.GetAllDiagnostics().Length;
            slowest = result.AnalyzerTelemetryInfo.ToDictionary(static pair => pair.Key.GetType().Name, static pair => pair.Value.ExecutionTime.TotalMilliseconds);
            if (round == 0)
                continue;
            compile.Add(compiled);
            analyze.Add(slowest.Values.Sum());
        }

        var ratio = Median(analyze) / Median(compile);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{lines:N0} lines, {SolutionSource.Calls} calls, {reports} reports: compiler {Median(compile):N0} ms, all analyzers {Median(analyze):N1} ms, ratio {ratio:P2} (goal {Goal:P0})"));
        foreach (var (name, time) in slowest.OrderByDescending(static pair => pair.Value).Take(4))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name} {time:N1} ms"));
        return ratio <= Goal ? 0 : 1;
    }

    private static CSharpCompilation Compile(IEnumerable<string> sources) => CSharpCompilation.Create(
        "Solution",
        sources.Select(static (source, index) => CSharpSyntaxTree.ParseText(source, path: $"File{index}.cs")),
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path)),
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, concurrentBuild: false, optimizationLevel: OptimizationLevel.Release));

    private static IEnumerable<DiagnosticAnalyzer> Analyzers() =>
        from type in typeof(TokenBudgetGenerator).Assembly.GetTypes()
        where !type.IsAbstract && typeof(DiagnosticAnalyzer).IsAssignableFrom(type)
        select (DiagnosticAnalyzer)Activator.CreateInstance(type)!;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

extern alias generators;

using System.Diagnostics;
using System.Globalization;
using generators::TokenBudget.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TokenBudget.Benchmarks.Generation;

/// <summary>How long the generator works on 1,000 annotated methods: at first, after an edit of one, after an edit beside them. The best of several runs, as the machine may have other work.</summary>
internal static class GeneratorCommand
{
    private const int Agents = 100;
    private const int Methods = 10;
    private const int Runs = 15;

    // An editor has been typed into before: the code of an edit is compiled, and compiled again with optimization, by then.
    private const int Edits = 5_000;
    private const int FirstEdits = 300;

    public static int Run()
    {
        var compilation = Project();
        var cold = Best(Runs, run => Time(Driver(new TokenBudgetGenerator()), Body(compilation, run), out _));
        Time(Driver(new TokenBudgetGenerator()), compilation, out var primed);
        var first = Best(FirstEdits, run => Time(primed, Body(compilation, run), out _));
        var unrelated = Best(Edits, run => Time(primed, Body(compilation, run), out _));
        var declared = Best(Edits / 5, run => Time(primed, Declaration(compilation, run), out _));
        var relevant = Best(Edits / 5, run => Time(primed, Edited(compilation, 0, AgentText(0, $"Edited {run}.")), out _));
        Check(compilation);
        Print("cold", cold, 1_500);
        Print("one method edited", relevant, 5);
        Print("a declaration beside them edited", declared, 5);
        Print("unrelated edit", unrelated, 0.5);
        Time(Driver(new FinishedFiles(Agents + 1)), compilation, out var finished);
        var floor = Best(Edits, run => Time(finished, Body(compilation, run), out _));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"(unrelated edit, of it the driver's own for {Agents + 1} finished files: {floor.TotalMilliseconds:0.000} ms, so it is {unrelated / floor:0.0} times that; the best of the first {FirstEdits} edits of a process: {first.TotalMilliseconds:0.000} ms)"));
        Print("cancelled, until it has ended", Cancelled(compilation), 50);
        var (generated, written) = Build(compilation);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"build of {Agents} agents: {generated / written:0.000} of the same code written by hand (goal 1.15); {generated.TotalMilliseconds:0} ms against {written.TotalMilliseconds:0} ms"));

        Time(Driver(new AttributeSearch()), compilation, out var searched);
        var search = Best(Edits, run => Time(searched, Body(compilation, run), out _));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"(unrelated edit, the compiler's search by attribute alone, with no file: {search.TotalMilliseconds:0.000} ms)"));
        return 0;
    }

    /// <summary>Whether the edits are what they are called: of a body nothing is seen outside its file, of a declaration one file is.</summary>
    private static void Check(CSharpCompilation compilation)
    {
        var driver = CSharpGeneratorDriver.Create(
            [new TokenBudgetGenerator().AsSourceGenerator()], driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true)).RunGenerators(compilation);
        if (Seen(Body(compilation, 1)) != 0 || Seen(Declaration(compilation, 1)) != 1)
            throw new InvalidOperationException("An edit is not what it is called.");

        int Seen(Compilation edited) => driver.RunGenerators(edited).GetRunResult().Results.Single().TrackedSteps["Files"]
            .SelectMany(static step => step.Outputs).Count(static output => output.Reason == IncrementalStepRunReason.Modified);
    }

    /// <summary>The longest that a first run goes on after it is cancelled, at moments spread over its length.</summary>
    private static TimeSpan Cancelled(CSharpCompilation compilation)
    {
        var longest = TimeSpan.Zero;
        for (var moment = 1; moment <= 40; moment++)
        {
            using var cancellation = new CancellationTokenSource();
            var fresh = Body(compilation, moment);
            var wait = TimeSpan.FromMilliseconds(2 * moment);
            var cancelled = 0L;
            using var alarm = new Timer(_ =>
            {
                Volatile.Write(ref cancelled, Stopwatch.GetTimestamp());
                cancellation.Cancel();
            });
            alarm.Change(wait, Timeout.InfiniteTimeSpan);
            try
            {
                Driver(new TokenBudgetGenerator()).RunGenerators(fresh, cancellation.Token);
            }
            catch (OperationCanceledException)
            {
                var elapsed = Stopwatch.GetElapsedTime(Volatile.Read(ref cancelled));
                longest = elapsed > longest ? elapsed : longest;
            }
        }

        return longest;
    }

    /// <summary>A compiler's work on a project: with the generator, and on what it would have written, in files.</summary>
    private static (TimeSpan Generated, TimeSpan Written) Build(CSharpCompilation compilation)
    {
        Driver(new TokenBudgetGenerator()).RunGeneratorsAndUpdateCompilation(compilation, out var whole, out _);
        var texts = whole.SyntaxTrees.Select(static tree => tree.ToString()).ToList();
        var generated = TimeSpan.MaxValue;
        var written = TimeSpan.MaxValue;
        for (var run = 0; run < 8; run++)
        {
            // Every build reads its files, and shares nothing with the one before but what was read of the references.
            var started = Stopwatch.GetTimestamp();
            var project = Fresh(compilation, texts.Take(compilation.SyntaxTrees.Length));
            Driver(new TokenBudgetGenerator()).RunGeneratorsAndUpdateCompilation(project, out var output, out _);
            Emit(output);
            generated = Min(generated, Stopwatch.GetElapsedTime(started));

            started = Stopwatch.GetTimestamp();
            Emit(Fresh(compilation, texts));
            written = Min(written, Stopwatch.GetElapsedTime(started));
        }

        return (generated, written);

        static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
    }

    private static CSharpCompilation Fresh(CSharpCompilation compilation, IEnumerable<string> texts) =>
        compilation.RemoveAllSyntaxTrees().AddSyntaxTrees(texts.Select(Tree));

    private static void Emit(Compilation compilation)
    {
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        if (!result.Success)
            throw new InvalidOperationException(result.Diagnostics.First(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToString());
    }

    private static void Print(string name, TimeSpan time, double goal) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"generator, {Agents * Methods:N0} methods, {name}: {time.TotalMilliseconds:0.000} ms (goal {goal:N1})"));

    private static GeneratorDriver Driver(params IIncrementalGenerator[] generators) => CSharpGeneratorDriver.Create(generators);

    private static TimeSpan Time(GeneratorDriver driver, Compilation compilation, out GeneratorDriver after)
    {
        var started = Stopwatch.GetTimestamp();
        after = driver.RunGenerators(compilation);
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (after.GetRunResult().Results.Any(static result => result.Exception is not null || (result.Generator.GetGeneratorType() == typeof(TokenBudgetGenerator) && result.GeneratedSources.Length != Agents + 1)))
            throw new InvalidOperationException("The generator did not write what it should.");
        return elapsed;
    }

    private static TimeSpan Best(int runs, Func<int, TimeSpan> measure)
    {
        measure(-1);
        return Enumerable.Range(0, runs).Min(measure);
    }

    private static CSharpCompilation Project()
    {
        var trees = Enumerable.Range(0, Agents).Select(static number => Tree(AgentText(number, "Sort."))).Append(Tree("class Unrelated { int M() => 0; }"));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => !Path.GetFileName(path).StartsWith("TokenBudget.Generators", StringComparison.Ordinal))
            .Select(static path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create("Project", trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
    }

    /// <summary>The compilation after a keystroke, as an editor has it: its other files, and what is known of them, are the same.</summary>
    private static CSharpCompilation Edited(CSharpCompilation compilation, int file, string text) =>
        compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[file], Tree(text));

    private static CSharpCompilation Body(CSharpCompilation compilation, int edit) => Edited(compilation, Agents, $"class Unrelated {{ int M() => {edit + 2}; }}");

    private static CSharpCompilation Declaration(CSharpCompilation compilation, int edit) => Edited(compilation, Agents, $"class Unrelated {{ int M{edit + 2}() => 0; }}");

    private static SyntaxTree Tree(string text) => CSharpSyntaxTree.ParseText(text);

    private static string AgentText(int number, string prompt)
    {
        var methods = Enumerable.Range(0, Methods).Select(method =>
            $"""[Prompt("{prompt} {number}: {"{ticket}"}"), Cached(TtlMinutes = {method + 1})] Task<string> Sort{method}Async([MaxTokens(100)] string ticket, int depth, CancellationToken token = default);""");
        return $$"""
            using System.Threading;
            using System.Threading.Tasks;
            using TokenBudget;
            namespace Project;
            [ChatAgent(Model = "gpt-4o"), TokenBudget(MaxContextTokens = 50_000), RateLimited(TokensPerMinute = 400_000), CostTracked(LimitUsd = 10)]
            public interface IAgent{{number}}
            {
                {{string.Join("\n    ", methods)}}
            }
            """;
    }
}

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

    // An editor has been typed into before: the code of an edit is compiled by then.
    private const int Edits = 300;

    public static int Run()
    {
        var compilation = Project();
        var cold = Best(Runs, run => Time(Driver(new TokenBudgetGenerator()), Unrelated(compilation, $"class Unrelated {{ int N() => {run}; }}"), out _));
        Time(Driver(new TokenBudgetGenerator()), compilation, out var primed);
        var relevant = Best(Edits, run => Time(primed, Edited(compilation, 0, AgentText(0, $"Edited {run}.")), out _));
        var declared = Best(Edits, run => Time(primed, Unrelated(compilation, $"class Unrelated {{ int M{run + 1}() => 0; }}"), out _));
        var unrelated = Best(Edits, run => Time(primed, Unrelated(compilation, $"class Unrelated {{ int M() => {run}; }}"), out _));
        Print("cold", cold, 1_500);
        Print("one method edited", relevant, 5);
        Print("a declaration beside them edited", declared, 5);
        Print("unrelated edit", unrelated, 0.5);

        Time(Driver(new AttributeSearch()), compilation, out var searched);
        var search = Best(Edits, run => Time(searched, Unrelated(compilation, $"class Unrelated {{ int M() => {run}; }}"), out _));
        Time(Driver(), compilation, out var idle);
        var empty = Best(Edits, run => Time(idle, Unrelated(compilation, $"class Unrelated {{ int M() => {run}; }}"), out _));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"(unrelated edit, the compiler's search by attribute alone: {search.TotalMilliseconds:0.000} ms; a driver without a generator: {empty.TotalMilliseconds:0.000} ms)"));
        return 0;
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
        var trees = Enumerable.Range(0, Agents).Select(static number => Tree(AgentText(number, "Sort."))).Append(Tree("class Unrelated { }"));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => !Path.GetFileName(path).StartsWith("TokenBudget.Generators", StringComparison.Ordinal))
            .Select(static path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create("Project", trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
    }

    /// <summary>The compilation after a keystroke, as an editor has it: its other files, and what is known of them, are the same.</summary>
    private static CSharpCompilation Edited(CSharpCompilation compilation, int file, string text) =>
        compilation.ReplaceSyntaxTree(compilation.SyntaxTrees[file], Tree(text));

    private static CSharpCompilation Unrelated(CSharpCompilation compilation, string text) => Edited(compilation, Agents, text);

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

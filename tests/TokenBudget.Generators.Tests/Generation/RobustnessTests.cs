using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

public sealed class RobustnessTests
{
    /// <summary>As little as an agent needs, so that a thousand compilations are quick.</summary>
    private static readonly IReadOnlyList<MetadataReference> CoreLibrary =
    [
        .. References.All.Where(static reference => Path.GetFileNameWithoutExtension(reference.Display!)
            is "System.Private.CoreLib" or "System.Runtime" or "System.Collections" or "TokenBudget" or "Microsoft.Extensions.AI.Abstractions"),
    ];

    private const string Wrapper = """

        [TokenBudget(MaxContextTokens = 8_000), CostTracked(LimitUsd = 1.5)]
        public interface IIndexAgent
        {
            [Cached] Task<string> IndexAsync(IReadOnlyList<ChatMessage> messages, int id = -1, double share = 0.5, CancellationToken token = default);
            string Title { get; }
        }
        """;

    /// <summary>Numbers, letters and lists are written otherwise there: <c>,</c> for a point, <c>ı</c> for a small <c>I</c>.</summary>
    [Theory]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    public void The_output_is_the_same_under_every_culture(string culture)
    {
        var expected = GeneratorRun.Of(Sources.Orchestrator + Wrapper).Files;
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(culture);
            GeneratorRun.Of(Sources.Orchestrator + Wrapper).Files.ShouldBe(expected);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void The_output_is_the_same_for_a_file_with_other_newlines()
    {
        var expected = GeneratorRun.Of(Sources.Orchestrator + Wrapper).Files;
        var files = GeneratorRun.Of((Sources.Orchestrator + Wrapper).ReplaceLineEndings("\r\n")).Files;
        files.ShouldBe(expected);
        files.Values.ShouldAllBe(file => !file.Contains('\r'));
    }

    /// <summary>A file is incomplete for most of its life.</summary>
    [Fact]
    public void No_beginning_of_a_file_makes_the_generator_fail()
    {
        const string Source = Sources.Orchestrator + Wrapper;
        for (var length = 0; length < Source.Length; length += 50)
            GeneratorRun.Start(TestCompilation.Create(Source[..length])).Result.Exception.ShouldBeNull($"after {length} characters");
    }

    [Theory]
    [InlineData("TokenBudget")]
    [InlineData("Microsoft.Extensions.AI.Abstractions")]
    [InlineData("Microsoft.Extensions.DependencyInjection.Abstractions")]
    [InlineData("System.Runtime")]
    [InlineData("System.Private.CoreLib")]
    [InlineData("System.Collections")]
    public void A_missing_reference_does_not_make_it_fail(string assembly)
    {
        var run = GeneratorRun.Start(TestCompilation.Create(Sources.Orchestrator + Wrapper, References.Without(assembly)));
        run.Result.Exception.ShouldBeNull();
        if (assembly == "TokenBudget")
            run.Files.ShouldBeEmpty();
    }

    [Fact]
    public void Without_any_reference_it_does_not_fail() =>
        GeneratorRun.Start(TestCompilation.Create(Sources.Orchestrator + Wrapper, [])).Result.Exception.ShouldBeNull();

    /// <summary>A keystroke cancels what the one before began.</summary>
    [Fact]
    public void A_run_that_is_cancelled_ends()
    {
        using var cancellation = new CancellationTokenSource();
        var file = new CancellingFile(cancellation);
        var driver = CSharpGeneratorDriver.Create(
            [new TokenBudgetGenerator().AsSourceGenerator()], [file], TestCompilation.ParseOptions);
        Should.Throw<OperationCanceledException>(() => driver.RunGenerators(TestCompilation.Create(Sources.Orchestrator), cancellation.Token));
        file.WasRead.ShouldBeTrue();
    }

    /// <summary>Every stage that loops looks at the token itself: the compiler looks at it between two interfaces only.</summary>
    [Fact]
    public void A_cancelled_token_ends_parsing_and_writing_of_one_interface()
    {
        var cancelled = new CancellationToken(canceled: true);
        var type = TestCompilation.Create(Sources.Orchestrator).GetTypesByMetadataName("Contoso.IOrchestratorAgent").Single();
        Should.Throw<OperationCanceledException>(() => Parsing.AgentParser.Parse(type, Models.AgentKind.Client, type.ContainingAssembly, Parsing.SilentObserver.Instance, cancelled));
        var model = Parsing.AgentParser.Parse(type, Models.AgentKind.Client, type.ContainingAssembly, Parsing.SilentObserver.Instance, default)!;
        Should.Throw<OperationCanceledException>(() => Emission.AgentEmitter.Emit(model, new Models.Surroundings(false, default, Generators.Contracts.ModelTable.Shipped), cancelled));
    }

    /// <summary>An editor makes a compilation for every keystroke; one that is kept is megabytes that never come back.</summary>
    [Fact]
    public void Compilations_of_earlier_edits_can_be_collected()
    {
        var run = GeneratorRun.Start(TestCompilation.Create(Sources.Orchestrator));
        var compilations = new List<WeakReference>();
        for (var edit = 0; edit < 1_000; edit++)
            run = Edit(run, edit, compilations);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        compilations.Count(static compilation => compilation.IsAlive).ShouldBeLessThan(5);
        GC.KeepAlive(run);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static GeneratorRun Edit(GeneratorRun run, int edit, List<WeakReference> compilations)
    {
        // Every tenth edit is one of the agent itself.
        var source = Sources.Orchestrator.Replace("You sort tickets.", $"You sort tickets {edit / 10}.", StringComparison.Ordinal);
        var compilation = TestCompilation.Create(source + $"\nclass Unrelated {{ int M() => {edit}; }}", CoreLibrary);
        compilations.Add(new WeakReference(compilation));
        return run.Again(compilation);
    }

    [Theory]
    [InlineData("[ChatAgent(Model = 5, Name = null)] public interface IA { [Prompt(null!)] Task<string> A(string q); }")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(Missing)] [SystemPrompt] Task<Missing> A([MaxTokens(Missing)] Missing q); }")]
    [InlineData("[ChatAgent, TokenBudget(MaxContextTokens = Missing, Window = Missing)] public interface IA : IMissing { Task A(; }")]
    [InlineData("[TokenBudget(MaxContextTokens = \"a\")] [CostTracked(LimitUsd = null)] public interface IA { Task<> A(string q); }")]
    [InlineData("[ChatAgent] public interface I { Task<string> A(string q); }")]
    [InlineData("[ChatAgent] public class IA { }")]
    [InlineData("[ChatAgent] public interface IA : IA { Task<string> A(string a, string a); Task<string> A(string a, string a); }")]
    public void Code_that_does_not_compile_does_not_make_it_fail(string source) =>
        GeneratorRun.Start(TestCompilation.Create(source)).Result.Exception.ShouldBeNull();

    /// <summary>A file whose reading is when somebody types on.</summary>
    private sealed class CancellingFile(CancellationTokenSource cancellation) : AdditionalText
    {
        public bool WasRead { get; private set; }

        public override string Path => "/project/prompt.md";

        public override Microsoft.CodeAnalysis.Text.SourceText? GetText(CancellationToken cancellationToken = default)
        {
            WasRead = true;
            cancellation.Cancel();
            return Microsoft.CodeAnalysis.Text.SourceText.From("x");
        }
    }
}

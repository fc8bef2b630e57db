using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

/// <summary>Which edits make the generator work again. Every other test already holds that an unrelated file does not.</summary>
public sealed class IncrementalTests
{
    [Theory]
    [InlineData("MaxContextTokens = 50_000", "MaxContextTokens = 50_001")]
    [InlineData("You sort tickets.", "You sort letters.")]
    [InlineData("string message,", "string text,")]
    [InlineData("TtlMinutes = 60", "TtlMinutes = 61")]
    public void A_relevant_edit_is_seen(string before, string after)
    {
        var run = Edit(before, after);
        Reasons(run).ShouldContain(IncrementalStepRunReason.Modified);
    }

    [Theory]
    [InlineData("namespace Contoso;", "// A comment that moves every line.\n\nnamespace Contoso;")]
    [InlineData("50_000", "50000")]
    [InlineData("enum TicketKind { Bug,", "enum TicketKind { Praise, Bug,")]
    [InlineData("MaxContextTokens = 50_000, MaxMessages = 200", "MaxMessages = 200, MaxContextTokens = 50_000")]
    public void An_edit_that_means_the_same_is_parsed_but_not_emitted(string before, string after)
    {
        var run = Edit(before, after);
        PipelineObjects.ShouldBeCached(run.Result);
    }

    [Fact]
    public void An_edit_of_one_agent_leaves_the_other_alone()
    {
        const string Other = "[ChatAgent] public interface IOther { Task<string> AskAsync(string q); }";
        var compilation = TestCompilation.Create(Sources.Orchestrator).AddSyntaxTrees(TestCompilation.Parse(Other, "Other.cs"));
        var tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == "Other.cs");
        var run = GeneratorRun.Start(compilation)
            .Again(compilation.ReplaceSyntaxTree(tree, TestCompilation.Parse(Other.Replace("string q", "string w", StringComparison.Ordinal), "Other.cs")));
        Reasons(run).OrderBy(reason => reason).ShouldBe([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached], ignoreOrder: true);
    }

    [Fact]
    public void An_assembly_attribute_in_another_file_is_seen()
    {
        var compilation = TestCompilation.Create(Sources.Orchestrator);
        var run = GeneratorRun.Start(compilation)
            .Again(compilation.AddSyntaxTrees(TestCompilation.Parse("[assembly: TokenBudget.TokenBudget(MaxRounds = 7)]", "Assembly.cs")));
        run.File.ShouldContain("MaxRounds = 7");
    }

    private static GeneratorRun Edit(string before, string after)
    {
        Sources.Orchestrator.ShouldContain(before);
        var compilation = TestCompilation.Create(Sources.Orchestrator);
        var tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == "Test.cs");
        var edited = TestCompilation.Parse(Sources.Orchestrator.Replace(before, after, StringComparison.Ordinal), "Test.cs");
        return GeneratorRun.Start(compilation).Again(compilation.ReplaceSyntaxTree(tree, edited));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRun run) =>
        PipelineObjects.Reasons(run.Result).Where(step => step.Step == TrackingNames.Output).Select(step => step.Reason);
}

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
    [InlineData("50_000", "50000")]
    [InlineData("enum TicketKind { Bug,", "enum TicketKind { Praise, Bug,")]
    [InlineData("MaxContextTokens = 50_000, MaxMessages = 200", "MaxMessages = 200, MaxContextTokens = 50_000")]
    public void An_edit_that_means_the_same_is_parsed_but_not_emitted(string before, string after)
    {
        var run = Edit(before, after);
        PipelineObjects.ShouldBeCached(run.Result, except: TrackingNames.Candidates);
    }

    /// <summary>An edit of the file itself that no other file could see.</summary>
    [Theory]
    [InlineData("namespace Contoso;", "// A comment that moves every line.\n\nnamespace Contoso;")]
    [InlineData("namespace Contoso;", "namespace Contoso;\n\n\n")]
    [InlineData("class Own { int M() => 1; }", "class Own { int M() => 2; }")]
    [InlineData("class Own { int M() => 1; }", "class Own { int M() => 1 + N; static readonly int N = 5; }", true)]
    public void An_edit_inside_a_body_or_beside_the_code_is_not_even_parsed(string before, string after, bool isDeclared = false)
    {
        const string Source = Sources.Orchestrator + "\nclass Own { int M() => 1; }";
        var run = Edit(before, after, Source);
        PipelineObjects.ShouldBeCached(run.Result);
        run.Result.TrackedSteps[TrackingNames.Files].SelectMany(step => step.Outputs)
            .Count(output => output.Reason == IncrementalStepRunReason.Modified).ShouldBe(isDeclared ? 1 : 0);
    }

    /// <summary>Word by word the same, in two files: the first speaks, and the class is written once.</summary>
    [Fact]
    public void An_interface_that_is_declared_twice_is_generated_once()
    {
        const string Twice = "[ChatAgent] public interface IOther { Task<string> AskAsync(string q); }";
        var compilation = TestCompilation.Create(Twice).AddSyntaxTrees(TestCompilation.Parse(Twice, "Other.cs"), TestCompilation.Parse("public partial interface IOther;", "Third.cs"));
        var run = GeneratorRun.Start(compilation);
        run.Result.Exception.ShouldBeNull();
        run.Files.Keys.ShouldBe(["IOther.g.cs"]);
    }

    /// <summary>Nothing in the interface mentions the type that stands in the way of its class.</summary>
    [Theory]
    [InlineData("[ChatAgent] public interface IOther { Task<string> AskAsync(string q); }", "public class Other;", "public class OtherOne;")]
    [InlineData("[Cached] public interface IOther { Task<string> AskAsync(string q); }", "public class BudgetedOther;", "public class Other;")]
    [InlineData("public class Outer { [ChatAgent] public interface IOther { Task<string> AskAsync(string q); } }", "public struct OuterOther;", "public struct Other;")]
    [InlineData("[ChatAgent] public interface IOther { Task<string> AskAsync(string q); }", "public class Other;", "public partial class Other;")]
    public void A_type_in_the_way_of_the_class_is_seen_when_it_comes_and_when_it_goes(string agent, string taken, string free)
    {
        var compilation = TestCompilation.Create(agent);
        var run = GeneratorRun.Start(compilation);
        run.Files.Count.ShouldBe(1);
        var type = TestCompilation.Parse(taken, "Taken.cs");
        run = run.Again(compilation.AddSyntaxTrees(type));
        run.Files.ShouldBeEmpty();
        run.Again(compilation.AddSyntaxTrees(TestCompilation.Parse(free, "Taken.cs"))).Files.Count.ShouldBe(1);
    }

    /// <summary>The compiler keeps no order of its files between two keystrokes.</summary>
    [Fact]
    public void Files_that_are_added_removed_and_moved_are_seen()
    {
        var one = TestCompilation.Parse("[ChatAgent] public interface IOne { Task<Reply> AskAsync(string q); }", "One.cs");
        var two = TestCompilation.Parse("[ChatAgent] public interface ITwo { Task<Reply> AskAsync(string q); }", "Two.cs");
        var reply = TestCompilation.Parse("public record Reply(int Size);", "Reply.cs");
        var empty = TestCompilation.Create("");
        var run = GeneratorRun.Start(empty.AddSyntaxTrees(one, two, reply)).Again(empty.AddSyntaxTrees(reply, two)).Again(empty.AddSyntaxTrees(two, one, reply));
        run.Files.Keys.ShouldBe(["IOne.g.cs", "ITwo.g.cs"], ignoreOrder: true);
        run.Again(empty.AddSyntaxTrees(two)).Files.Keys.ShouldBe(["ITwo.g.cs"]);
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

    private static GeneratorRun Edit(string before, string after, string source = Sources.Orchestrator)
    {
        source.ShouldContain(before);
        var compilation = TestCompilation.Create(source);
        var tree = compilation.SyntaxTrees.Single(tree => tree.FilePath == "Test.cs");
        var edited = TestCompilation.Parse(source.Replace(before, after, StringComparison.Ordinal), "Test.cs");
        return GeneratorRun.Start(compilation).Again(compilation.ReplaceSyntaxTree(tree, edited));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRun run) =>
        PipelineObjects.Reasons(run.Result).Where(step => step.Step == TrackingNames.Output).Select(step => step.Reason);
}

using System.Globalization;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

public sealed class RobustnessTests
{
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
    [InlineData("[ChatAgent(Model = 5, Name = null)] public interface IA { [Prompt(null!)] Task<string> A(string q); }")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(Missing)] [SystemPrompt] Task<Missing> A([MaxTokens(Missing)] Missing q); }")]
    [InlineData("[ChatAgent, TokenBudget(MaxContextTokens = Missing, Window = Missing)] public interface IA : IMissing { Task A(; }")]
    [InlineData("[TokenBudget(MaxContextTokens = \"a\")] [CostTracked(LimitUsd = null)] public interface IA { Task<> A(string q); }")]
    [InlineData("[ChatAgent] public interface I { Task<string> A(string q); }")]
    [InlineData("[ChatAgent] public class IA { }")]
    [InlineData("[ChatAgent] public interface IA : IA { Task<string> A(string a, string a); Task<string> A(string a, string a); }")]
    public void Code_that_does_not_compile_does_not_make_it_fail(string source) =>
        GeneratorRun.Start(TestCompilation.Create(source)).Result.Exception.ShouldBeNull();
}

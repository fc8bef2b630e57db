using System.Globalization;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

public sealed class PromptFileTests
{
    private const string Source = """
        [ChatAgent]
        public interface ISorter
        {
            [SystemPrompt(File = "system.md"), Prompt(File = "Prompts/sort.md")]
            Task<string> SortAsync([MaxTokens(100)] string ticket, int depth = 3);
        }
        """;

    private static readonly TestFile System = new("/project/system.md", "You sort.\r\n\r\nAlways.\r\n");
    private static readonly TestFile Sort = new(@"C:\project\prompts\Sort.md", "Sort {{this}}:\n{ticket}\n");

    [Fact]
    public void Prompts_stand_in_files_and_are_counted()
    {
        var file = GeneratorRun.Of(Source, files: [System, Sort]).File;
        file.ShouldContain("""SystemPrompt = "You sort.\n\nAlways.",""");
        file.ShouldContain("""call.Literal("Sort {this}:\n");""");
        file.ShouldContain("""call.Value("ticket", ticket, maxTokens: 100);""");
        file.ShouldContain("""call.KeyPart("depth", depth);""");
        file.ShouldContain("FixedTokens = ");
    }

    [Fact]
    public async Task Examples_stand_in_files_too_and_the_last_message_is_the_users()
    {
        const string Examples = """
            [ChatAgent]
            public interface ISorter
            {
                [Prompt(File = "Prompts/sort.md"), Prompt("A bug.", Role = PromptRole.Assistant), Prompt("Again: {ticket}{{}}")] Task<string> SortAsync(string ticket);
            }
            """;
        var file = GeneratorRun.Of(Examples, files: [Sort]).File;
        file.ShouldContain("call.EndLeadingMessage(byAssistant: false);");
        file.ShouldContain("""call.Literal("A bug.");""");
        file.ShouldContain("call.EndLeadingMessage(byAssistant: true);");
        file.ShouldContain("""call.Literal("Again: ");""");

        var wrong = Examples.Replace("Again: {ticket}{{}}\")", "{ticket}\", Role = PromptRole.Assistant)", StringComparison.Ordinal);
        GeneratorRun.Of(wrong, files: [Sort]).File.ShouldContain("NotSupportedException");
        var diagnostics = await AnalyzerRun.Analyze<CannotBeGeneratedAnalyzer>(TestCompilation.Create(wrong, AnalyzerRun.References), [Sort]);
        diagnostics.ShouldHaveSingleItem().GetMessage(CultureInfo.InvariantCulture).ShouldContain("its last [Prompt] is the model's");
    }

    [Fact]
    public void An_edit_of_a_file_writes_its_class_anew_and_no_other()
    {
        const string Two = Source + "[ChatAgent] public interface IOther { Task<string> AskAsync(string q); }";
        var compilation = TestCompilation.Create(Two);
        var first = GeneratorRun.Start(compilation, System, Sort);
        var second = first.Again(Sort, new TestFile(Sort.Path, "Order {ticket}"), compilation);
        second.Files["ISorter.g.cs"].ShouldContain("""call.Literal("Order ");""");
        PipelineObjects.Reasons(second.Result)
            .Where(step => step.Step == TrackingNames.Agents)
            .ShouldAllBe(step => step.Reason == Microsoft.CodeAnalysis.IncrementalStepRunReason.Cached);
        second.Result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs)
            .Count(output => output.Reason == Microsoft.CodeAnalysis.IncrementalStepRunReason.Modified).ShouldBe(1);
    }

    [Theory]
    [InlineData("'Prompts/sort.md' is not there", "/project/prompts/other.md", "{ticket}")]
    [InlineData("'Prompts/sort.md' is not there", "/project/notprompts/sort.md", "{ticket}", "/project/sort.md", "{ticket}")]
    [InlineData("could be /a/prompts/sort.md or /b/prompts/sort.md", "/a/prompts/sort.md", "{ticket}", "/b/prompts/sort.md", "{ticket}")]
    [InlineData("'Prompts/sort.md' is empty", "/a/prompts/sort.md", "\n")]
    [InlineData("'Prompts/sort.md' cannot be read", "/a/prompts/sort.md", null)]
    [InlineData("names '{tiket}', which is no parameter", "/a/prompts/sort.md", "{tiket}")]
    [InlineData("'Prompts/sort.md': its prompt has a '}' without", "/a/prompts/sort.md", "}")]
    public async Task A_file_that_does_not_fit_is_an_error_and_the_class_compiles(string message, params string?[] pathsAndTexts)
    {
        IReadOnlyList<TestFile> files = [System, .. pathsAndTexts.Chunk(2).Select(pair => new TestFile(pair[0]!, pair[1]))];
        GeneratorRun.Of(Source, files: files).File.ShouldContain("throw new global::System.NotSupportedException(\"ISorter.SortAsync cannot be generated");
        var diagnostics = await AnalyzerRun.Analyze<CannotBeGeneratedAnalyzer>(TestCompilation.Create(Source, AnalyzerRun.References), files);
        var diagnostic = diagnostics.ShouldHaveSingleItem();
        diagnostic.Id.ShouldBe("TB0100");
        diagnostic.GetMessage(CultureInfo.InvariantCulture).ShouldContain(message);
    }

    [Fact]
    public async Task A_text_and_a_file_are_one_too_many()
    {
        const string Both = "[ChatAgent] public interface IA { [Prompt(\"{q}\", File = \"sort.md\")] Task<string> A(string q); }";
        var diagnostics = await AnalyzerRun.Analyze<CannotBeGeneratedAnalyzer>(TestCompilation.Create(Both, AnalyzerRun.References), [Sort]);
        diagnostics.ShouldHaveSingleItem().GetMessage(CultureInfo.InvariantCulture).ShouldContain("its [Prompt] has a text and a file");
    }

    [Fact]
    public async Task Nothing_is_said_of_a_file_that_fits() =>
        (await AnalyzerRun.Analyze<CannotBeGeneratedAnalyzer>(TestCompilation.Create(Source, AnalyzerRun.References), [System, Sort])).ShouldBeEmpty();
}

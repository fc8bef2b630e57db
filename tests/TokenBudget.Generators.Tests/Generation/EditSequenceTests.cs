using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

/// <summary>
/// What was remembered across edits must be what would be read anew. A project is edited file by file, each file into another of its versions, and after every
/// edit the generator that has seen them all must write what a new one writes.
/// </summary>
public sealed class EditSequenceTests
{
    private static readonly int Edits = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 10_000 : 500;

    /// <summary>The files, each in versions of which some mean the same and some do not.</summary>
    private static readonly string[][] Files =
    [
        [
            """
            namespace Contoso;
            [ChatAgent(Model = Texts.Model)]
            public partial interface ISorter : IBase
            {
                [Prompt(Texts.Ask + "{q}")] Task<Ticket> AskAsync(string q, Kind kind = Limits.First, CancellationToken token = default);
                [Cached(TtlMinutes = Limits.Minutes)] Task<IReadOnlyList<Kind>> KindsAsync(string q, Note? note = null);
            }
            """,
            """
            using Ticket = Contoso.Inner.Ticket;
            namespace Contoso;
            [ChatAgent(Model = Texts.Model)]
            public interface ISorter : IBase { [Prompt(Texts.Ask + "{q}")] Task<Ticket> AskAsync(string q, Kind kind = Limits.First); }
            """,
            """
            using static Contoso.Limits;
            namespace Contoso;
            [Mark, Tools(typeof(Desk))] public interface ISorter : IBase { [Prompt(Texts.Ask)] Task<Outer.Nested> AskAsync(Kind kind = First); }
            """,
            "namespace Contoso; public interface ISorter : IBase { }",
            "namespace Contoso.Inner; [ChatAgent] partial interface ISorter : IBase { Task<Ticket> AskAsync(string q); }",
        ],
        [
            """namespace Contoso; public record Ticket(string Id, Kind Kind, Note? Note = null) { public override string ToString() => Id; }""",
            """namespace Contoso; public record Ticket(string Id, Kind Kind, Note? Note = null) { public override string ToString() => "a"; }""",
            """namespace Contoso; [System.ComponentModel.Description(Texts.Ask)] public partial class Ticket : Outer { public Kind? Kind { get; set; } = new(); }""",
            """
            namespace Contoso;
            #nullable disable
            public record Ticket(string Id);
            """,
            "",
        ],
        [
            "namespace Contoso; public enum Kind { Bug, Question } public static class Limits { public const Kind First = Kind.Bug; public const int Minutes = 5; }",
            "namespace Contoso; public enum Kind { Question, Bug } public static class Limits { public const Kind First = Kind.Bug; public const int Minutes = 5; static int N() { return 7; } }",
            "namespace Contoso; public enum Kind { Bug, Question, Praise } public static class Limits { public const Kind First = (Kind)2; public const int Minutes = More.Minutes; }",
        ],
        [
            """namespace Contoso; public static class Texts { public const string Ask = "Sort "; public const string Model = "gpt-4o"; }""",
            """namespace Contoso; public static class Texts { public const string Ask = More.Ask; public const string Model = "gpt-" + More.Four; static readonly string Not = "x"; }""",
            """namespace Contoso; public static class Texts { public const string Ask = More.Ask; public const string Model = "gpt-" + More.Four; static readonly string Not = "y"; }""",
        ],
        [
            """namespace Contoso; static class More { public const string Ask = "File "; public const int Minutes = 9; public const string Four = "4.1"; }""",
            """namespace Contoso; static class More { public const string Ask = "Put "; public const int Minutes = 8; public const string Four = "5"; }""",
        ],
        [
            "namespace Contoso; [TokenBudget(MaxRounds = 3)] public interface IBase { Task<string> BaseAsync(string q); }",
            """namespace Contoso; [TokenBudget(MaxRounds = 3)] public interface IBase { Task<string> BaseAsync(string q) => Task.FromResult("a"); }""",
            """namespace Contoso; public interface IBase { [SystemPrompt(Texts.Ask)] Task<string> BaseAsync([MaxTokens(5)] string q); Task<Kind> OtherAsync(string q); }""",
        ],
        [
            "",
            "global using Mark = TokenBudget.ChatAgentAttribute;",
            "global using Mark = TokenBudget.ChatAgentAttribute; [assembly: TokenBudget.CostTracked(LimitUsd = 2)]",
            "global using Mark = TokenBudget.CachedAttribute;",
            "[assembly: TokenBudget.RateLimited(TokensPerMinute = Contoso.Limits.Minutes)]",
        ],
        [
            "",
            "namespace Contoso.Inner { public record Ticket(int Number); public class Note; }",
            "namespace Contoso { class PromptAttribute : Attribute { public PromptAttribute(string a) { } } }",
            "namespace Contoso.TokenBudget { class Aside; }",
            "namespace Contoso { partial interface ISorter { Task<string> MoreAsync(string q); } }",
            "namespace Contoso { public class Task<T>; public class Note { public int Page { get; init; } } }",
            "namespace Contoso { public partial class Ticket { public string? More { get; set; } } public class Note { public required string Text { get; init; } } }",
        ],
        [
            "namespace Contoso; public class Outer { public record Nested(int A); } public class Desk { public string Find(string id) { return id; } }",
            "namespace Contoso; public class Outer { public record Nested(int A, string B); } public class Desk : Shelf { public string Find(string id) { return id + 1; } }",
            "namespace Contoso; public class Outer { public int Size { get; set; } public record Nested(Kind A); } public class Shelf { public Ticket Get(Kind kind = Limits.First) => null!; } public class Desk : Shelf;",
        ],
        [
            "namespace Contoso; [TokenBudget(MaxContextTokens = 100)] public interface ILog { Task<string> LogAsync(string q); }",
            "namespace Contoso; public interface ILog { [Cached] Task<Kind> LogAsync(string q); [Mark] Task<string> KeepAsync(Ticket q); }",
            "namespace Contoso; using Own = TokenBudget.TokenBudgetAttribute; [Own(MaxContextTokens = 9)] public interface ILog { Task<Outer.Nested> LogAsync(string q); }",
        ],
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void After_any_edit_it_writes_what_a_new_one_would(int seed)
    {
        var random = new Random(seed);
        var compilation = Project(References.Few);
        var run = GeneratorRun.Start(compilation);
        var outputs = new HashSet<string>();
        for (var edit = 0; edit < Edits / 2; edit++)
        {
            var file = random.Next(Files.Length);
            var text = Files[file][random.Next(Files[file].Length)];
            compilation = With(compilation, file, text);
            run = run.Again(compilation);

            run.Result.Exception.ShouldBeNull();
            var expected = GeneratorRun.Start(compilation).Files;
            run.Files.ShouldBe(expected, ignoreOrder: true, $"after edit {edit} of file {file} into\n{text}\nin\n{string.Join('\n', compilation.SyntaxTrees.Select(static tree => tree.ToString()))}");
            outputs.Add(string.Join('\n', expected.Values));
        }

        // Or nothing would have been compared.
        outputs.Count.ShouldBeGreaterThan(Edits / 10);
    }

    [Fact]
    public void The_files_mean_the_same_with_fewer_references()
    {
        Errors(References.Few).ShouldBe(Errors(References.All));

        static IEnumerable<string> Errors(IEnumerable<MetadataReference> references) => Files
            .SelectMany((versions, file) => versions.Select(version => With(Project(references), file, version)))
            .SelectMany(static project => project.GetDiagnostics().Where(static diagnostic => diagnostic.DefaultSeverity == DiagnosticSeverity.Error).Select(static diagnostic => diagnostic.ToString())).Order();
    }

    private static CSharpCompilation With(CSharpCompilation project, int file, string text) =>
        project.ReplaceSyntaxTree(project.SyntaxTrees[project.SyntaxTrees.Length - Files.Length + file], Tree(file, text));

    private static CSharpCompilation Project(IEnumerable<MetadataReference> references) =>
        TestCompilation.Create("", references).AddSyntaxTrees(Files.Select(static (versions, file) => Tree(file, versions[0])));

    private static SyntaxTree Tree(int file, string text) => TestCompilation.Parse(text, $"File{file}.cs");
}

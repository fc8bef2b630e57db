using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using TokenBudget.Generators.Tests.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

/// <summary>Code is broken for most of its life: whatever stands in a file, generator and analyzers neither throw nor hang.</summary>
public sealed class MutationTests
{
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";

    /// <summary>The nightly run in pieces, for machines that end long work: <c>TOKENBUDGET_NIGHTLY_PART=3/12</c> is the third of twelve.</summary>
    private static readonly int[] Part = [.. (Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY_PART") ?? "1/1").Split('/').Select(static number => int.Parse(number, CultureInfo.InvariantCulture))];

    /// <summary>The same tests run on two compilers; in a normal run the oldest has the most of them.</summary>
    private static readonly bool IsOldestCompiler = typeof(CSharpCompilation).Assembly.GetName().Version!.Major == 4;

    private static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers =
    [
        .. typeof(TokenBudgetGenerator).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    private static readonly IReadOnlyList<string> Seeds =
    [
        Sources.Orchestrator,
        """
        namespace Contoso.@namespace;

        [TokenBudget(MaxContextTokens = 8_000), CostTracked(LimitUsd = 1.5), RateLimited(LimitName = "all")]
        internal partial interface IIndexAgent<T, in TKey> : IBase<T> where T : class, new() where TKey : notnull
        {
            [Cached(TtlMinutes = 5, Scope = CacheScope.Global)]
            ValueTask<T?> IndexAsync(IReadOnlyList<ChatMessage> messages, [CacheScope] string? tenant, int id = -1, params TKey[] rest);
            IAsyncEnumerable<string> TellAsync(Conversation conversation, DataContent image, [MaxTokens(5)] string text);
            string this[int index] { get; set; }
            event EventHandler? Changed;
            ref readonly int Reference<U>(ref U value, out int count) where U : struct;
        }

        public interface IBase<T> { [Summarized(AfterMessages = 3)] Task<T> BaseAsync(T value, CancellationToken token = default) => Task.FromResult(value); }
        """,
        """
        public static class Tickets
        {
            [ChatAgent(Model = "gpt-4o", Name = "tickets"), SystemPrompt("You sort {{}}.")]
            public interface ISorter
            {
                [Prompt("Sort {day}."), Prompt("No.", Role = PromptRole.Assistant), Prompt("Sort {ticket} of {day:yyyy-MM-dd}: {{x}}")] Task<Kind[]> SortAsync(string ticket, DateOnly day, IEnumerable<AITool> tools);
                [Prompt(File = "sort.md"), TokenBudget(Window = WindowPolicy.Sliding)] Task<ChatResponse> FileAsync(ChatMessage message, ChatOptions? options);
            }

            public enum Kind { Bug = 1, Question }
        }
        """,
        """
        [ChatAgent(Model = "gpt-4o"), Tools(typeof(Desk)), Tools(typeof(Shelf<int>)), JsonContext(typeof(DeskJson)), CostTracked(BudgetName = "all", MaxUsdPerCall = 0.01, LimitUsd = 2), RateLimited(LimitName = "all", MaxAttempts = 9, MaxWaitSeconds = 1)]
        public interface IClerk
        {
            [Tools(typeof(Desk))] Task<AgentReply<Kind?>> ServeAsync([ConversationId] string id, string question, [CacheScope] string tenant, CancellationToken token = default);
        }

        public class DeskJson() : System.Text.Json.Serialization.JsonSerializerContext(null) { public static DeskJson Default { get; } = new(); }
        [Cached] public interface IOwn { [Prompt("{q}"), CostTracked(BudgetName = "all", LimitUsd = 3), RateLimited(LimitName = "all", RequestsPerMinute = 3)] Task<string> AskAsync([MaxTokens(3)] string q); }

        public class Desk : Shelf<string>, IDisposable
        {
            [System.ComponentModel.Description("Finds.")] public async Task<Ticket> FindAsync(string id, int? most = null, Kind kind = Kind.Bug, params string[] tags) { await Task.Yield(); return new(id, this); }
            public static void Note(Dictionary<string, Ticket> notes) { }
            public override string Put(string item) => item;
            public void Dispose() { }
        }

        [ToolApproval] public class Shelf<T> { public virtual T Put(T item) => item; public ValueTask<bool> HasAsync(T item, CancellationToken token) => new(true); }
        public record Ticket(string Id, Desk? Desk, Ticket[]? More = null);
        public enum Kind { Bug, Question }
        """,
        """
        public sealed class Chat(IChatClient client)
        {
            private readonly List<ChatMessage> _history = [new(ChatRole.System, "Be kind.")];

            public async Task<string> AskAsync(string question)
            {
                _history.Add(new ChatMessage(ChatRole.User, question));
                var response = await client.GetResponseAsync([.. _history]);
                _history.AddRange(response.Messages);
                while (true)
                {
                    var messages = _history.Select(message => message).ToList();
                    await foreach (var update in client.GetStreamingResponseAsync(messages)) _history.Add(new(ChatRole.Assistant, update.Text));
                    if (messages.Count > 9) break;
                }

                return response.Text;
            }
        }
        """,
        .. RuleSamples.All.Values,
    ];

    // One compilation begets the others, so that they share what was read of the references; and one driver what it knows of them.
    private static readonly CSharpCompilation Empty = TestCompilation.Create("", References.Few);

    private static readonly GeneratorDriver Driver =
        CSharpGeneratorDriver.Create([new TokenBudgetGenerator().AsSourceGenerator()], [], TestCompilation.ParseOptions).RunGenerators(Empty);

    [Fact]
    public void The_seeds_mean_the_same_with_fewer_references()
    {
        foreach (var seed in Seeds)
            Errors(References.Few, seed).ShouldBe(Errors(AnalyzerRun.References, seed), seed);

        static IEnumerable<string> Errors(IEnumerable<MetadataReference> references, string seed) =>
            TestCompilation.Create(seed, references).GetDiagnostics().Where(static diagnostic => diagnostic.DefaultSeverity == DiagnosticSeverity.Error).Select(static diagnostic => diagnostic.ToString()).Order();
    }

    [Fact]
    public async Task No_change_of_a_token_makes_generator_or_analyzers_throw()
    {
        var count = Nightly ? 100_000 : IsOldestCompiler ? 5_000 : 1_000;
        await ShouldSurvive(Enumerable.Range(0, count).Select(number => (Mutate(Seeds[number % Seeds.Count], new Random(number)), true)));
    }

    /// <summary>
    /// Every beginning goes through the generator, one that ends with a token through the rules too, which take as long again for a quarter of them; at night all do. On the newer compiler
    /// a normal run is content with the ends of tokens.
    /// </summary>
    [Fact]
    public async Task No_beginning_of_a_file_makes_generator_or_analyzers_throw() => await ShouldSurvive(Seeds.SelectMany(static seed =>
    {
        var ends = CSharpSyntaxTree.ParseText(seed, TestCompilation.ParseOptions).GetRoot().DescendantTokens().Select(static token => token.Span.End).ToHashSet();
        return Enumerable.Range(0, seed.Length)
            .Where(length => Nightly || ends.Contains(length) || (IsOldestCompiler && !EndsInSpace(seed, length)))
            .Select(length => (seed[..length], Nightly || ends.Contains(length)));
    }));

    /// <summary>Whether the last character tells nothing that the one before it does not.</summary>
    private static bool EndsInSpace(string text, int length) => length > 1 && char.IsWhiteSpace(text[length - 1]) && char.IsWhiteSpace(text[length - 2]);

    private static async Task ShouldSurvive(IEnumerable<(string Text, bool IsAnalyzed)> sources)
    {
        var failures = new ConcurrentQueue<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        await Parallel.ForEachAsync(sources.Where(static (_, number) => number % Part[1] == Part[0] - 1), options, async (source, cancellationToken) =>
        {
            // Milliseconds are usual, so this is a hang however slow the machine is.
            using var hang = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            hang.CancelAfter(TimeSpan.FromMinutes(10));
            try
            {
                if (await FailureOf(source.Text, source.IsAnalyzed, hang.Token) is { } failure)
                    failures.Enqueue($"{failure}\nin\n{source.Text}");
            }
            catch (OperationCanceledException) when (hang.IsCancellationRequested)
            {
                failures.Enqueue($"no end\nin\n{source.Text}");
            }
        });
        failures.FirstOrDefault().ShouldBeNull();
    }

    private static async Task<string?> FailureOf(string source, bool isAnalyzed, CancellationToken cancellationToken)
    {
        var compilation = Empty.ReplaceSyntaxTree(Empty.SyntaxTrees[^1], TestCompilation.Parse(source, "Test.cs"));
        var result = Driver.RunGenerators(compilation, cancellationToken).GetRunResult().Results.Single();
        if (result.Exception is { } exception)
            return exception.ToString();
        foreach (var file in result.GeneratedSources)
            if (file.SourceText.ToString().Contains('\r'))
                return $"{file.HintName} has a carriage return";

        if (!isAnalyzed)
            return null;
        Exception? thrown = null;
        await compilation
            .WithAnalyzers(Analyzers, new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), (error, _, _) => thrown = error, concurrentAnalysis: false, false))
            .GetAnalyzerDiagnosticsAsync(cancellationToken);
        return thrown?.ToString();
    }

    /// <summary>One to three tokens taken away, put in, or exchanged; now and then the rest cut off.</summary>
    private static string Mutate(string seed, Random random)
    {
        var tokens = CSharpSyntaxTree.ParseText(seed, TestCompilation.ParseOptions).GetRoot().DescendantTokens().Select(token => token.ToFullString()).ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var here = random.Next(tokens.Count);
            var there = random.Next(tokens.Count);
            switch (random.Next(4))
            {
                case 0:
                    tokens.RemoveAt(here);
                    break;
                case 1:
                    tokens.Insert(here, tokens[there]);
                    break;
                case 2:
                    (tokens[here], tokens[there]) = (tokens[there], tokens[here]);
                    break;
                default:
                    if (random.Next(4) == 0)
                        tokens.RemoveRange(here, tokens.Count - here);
                    break;
            }

            if (tokens.Count == 0)
                tokens.Add(";");
        }

        return new StringBuilder().AppendJoin("", tokens).ToString();
    }
}

using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

/// <summary>The contracts that are put into the assembly.</summary>
public sealed class ManifestTests
{
    private const string Everything = """
        [assembly: TokenBudget.RateLimited(MaxAttempts = 2)]

        namespace Contoso.@event
        {
            [ChatAgent(Model = "gpt-4o"), RoutedTo(WhenOverloaded = "claude-haiku-4-5"), SystemPrompt("You help \"politely\"."), Tools(typeof(Desk))]
            [TokenBudget(MaxContextTokens = 8_000, MaxRounds = 3, Window = WindowPolicy.Sliding), CostTracked(LimitUsd = 1.5, Per = BudgetScope.Tenant)]
            public interface IClerk : IBase<int>, IBase<string>
            {
                [Cached(TtlMinutes = 5, Similarity = 0.9)]
                [Prompt("Sort {ticket}: {class}")]
                Task<Kind> SortAsync([MaxTokens(100)] string ticket, int? @class, [CacheScope] string tenant, [CacheIgnore] string trace, CancellationToken token = default);
                Task<string> SortAsync(string ticket);
                IAsyncEnumerable<string> ChatAsync(Conversation conversation, string message);
            }

            public interface IBase<T> { Task<T> BaseAsync(IReadOnlyList<ChatMessage> messages); }
            public enum Kind { Bug, Question }
            public sealed class Desk { public string Find(string id) => id; }
        }

        namespace Contoso
        {
            public interface ICounter<T> { [TokenBudget(MaxContextTokens = 100)] Task<string> CountAsync(T item, IEnumerable<ChatMessage> messages); Task<int> OtherAsync(); }
            [ChatAgent(Model = "nobody's")] internal interface IUnpriced { Task<string> AskAsync(string q); }
        }
        """;

    [Fact]
    public void The_contracts_of_every_shape() => Snapshot.ShouldMatch(GeneratorRun.Of(Everything).Lock);

    [Fact]
    public void Every_contract_is_json_with_a_ceiling()
    {
        var contracts = GeneratorRun.Of(Everything).Contracts;
        contracts.Count.ShouldBe(8);
        foreach (var (method, json) in contracts)
            JsonDocument.Parse(json).RootElement.GetProperty("ceilingUsd").ValueKind
                .ShouldBe(method.Contains("IUnpriced", StringComparison.Ordinal) || method.Contains("ICounter", StringComparison.Ordinal) ? JsonValueKind.Null : JsonValueKind.Number, method);
    }

    /// <summary>A parameter's type that moves to another namespace leaves the method what it is; two types of one name do not make two methods one.</summary>
    [Fact]
    public void Methods_are_told_apart_by_simple_names_where_these_suffice() => GeneratorRun.Of("""
        namespace Contoso;

        [ChatAgent(Model = "gpt-4o")]
        public interface IA
        {
            Task<string> AskAsync(IReadOnlyList<ChatMessage> messages, Dictionary<string, Inner.Item[]>? items);
            Task<string> SameAsync(string q, Inner.Item item);
            Task<string> SameAsync(string q, Other.Item item);
        }

        public static class Inner { public record Item(int A); }
        public static class Other { public record Item(int A); }
        """).Contracts.Keys.ShouldBe(
        [
            "Contoso.IA.AskAsync(IReadOnlyList<ChatMessage>, Dictionary<string, Item[]>?)",
            "Contoso.IA.SameAsync(string, Contoso.Inner.Item)",
            "Contoso.IA.SameAsync(string, Contoso.Other.Item)",
        ]);

    /// <summary>Or a lock file written from the assembly would be reported at once.</summary>
    [Theory]
    [InlineData(Everything)]
    [InlineData(Sources.Orchestrator)]
    public void The_analyzers_see_the_same_contracts(string source)
    {
        var read = new AgentReadings(TestCompilation.Create(source, AnalyzerRun.References), new AnalyzerOptions([])).All(default)
            .SelectMany(static agent => agent.Calls).Select(static call => KeyValuePair.Create(call.Contract.Method, call.Contract.Json));
        read.ShouldBe(GeneratorRun.Start(TestCompilation.Create(source)).Contracts, ignoreOrder: true);
    }

    [Fact]
    public void A_price_of_the_project_is_in_the_contract()
    {
        var before = new TestFile("/p/tokenbudget.models.json", """{"models":[{"id":"own","provider":"us","prices":[{"input":1000000,"output":2000000,"from":"2026-01-01"}]}]}""");
        var after = new TestFile(before.Path, """{"models":[{"id":"own","provider":"us","prices":[{"input":1000000,"output":2000000,"from":"2026-01-01"},{"input":3000000,"output":2000000,"from":"2026-06-01"}]}]}""");
        var compilation = TestCompilation.Create("[ChatAgent(Model = \"own\")] public interface IA { Task<string> AskAsync(string q); }");
        var first = GeneratorRun.Start(compilation, before);
        first.Contracts.Values.Single().ShouldContain("""
            "prices":{"own":{"from":"2026-01-01","input":1,"output":2}}
            """);

        var second = first.Again(before, after, compilation);
        second.Contracts.Values.Single().ShouldContain("""
            "prices":{"own":{"from":"2026-06-01","input":3,"output":2}}
            """);
    }

    [Fact]
    public void Without_an_agent_there_is_none() => GeneratorRun.Of("public class C;").Contracts.ShouldBeEmpty();
}

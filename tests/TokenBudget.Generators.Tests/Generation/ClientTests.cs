using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

public sealed class ClientTests
{
    [Fact]
    public void An_agent_with_every_attribute()
    {
        Snapshot.ShouldMatch(GeneratorRun.Of(Sources.Orchestrator).File);
    }

    [Fact]
    public void Every_return_type()
    {
        Snapshot.ShouldMatch(GeneratorRun.Of("""
            namespace Contoso;

            public enum Kind { Bug, Question }
            public sealed record Ticket(string Title);

            [ChatAgent]
            internal interface IReturns
            {
                Task<string> TextAsync(string question);
                Task<string?> MaybeTextAsync(string question);
                Task<ChatResponse> ResponseAsync(string question, CancellationToken cancellationToken);
                Task<Kind> EnumAsync(string question, CancellationToken cancellationToken = default);
                Task<Kind?> MaybeEnumAsync(string question);
                Task<Ticket> JsonAsync(string question);
                Task<Ticket?> MaybeJsonAsync(string question);
                Task<Dictionary<int, string>> ByNumberAsync(string question);
                Task<int> NumberAsync(string question);
                IAsyncEnumerable<ChatResponseUpdate> StreamAsync(string question);
                IAsyncEnumerable<string> TextStreamAsync(string question, CancellationToken cancellationToken);
                ValueTask<Ticket?> ValueTaskAsync(string question);
            }
            """).File);
    }

    [Fact]
    public void Every_parameter()
    {
        Snapshot.ShouldMatch(GeneratorRun.Of("""
            namespace Contoso;

            [ChatAgent]
            public interface IParameters
            {
                Task<string> ConversationAsync(CancellationToken first, Conversation conversation, string message);
                Task<string> MaybeAsync(Conversation? conversation, IReadOnlyList<ChatMessage>? messages, string? message, ChatOptions? options);
                Task<string> ListsAsync(IEnumerable<ChatMessage> a, IList<ChatMessage> b, List<ChatMessage> c, ChatMessage[] d, params ChatMessage[] rest);
                Task<string> KeysAsync([CacheScope] string tenant, [MaxTokens(500)] string message, int count, [CacheIgnore] string traceId, DateOnly day);

                Task<string> ContentsAsync(string message, DataContent image, IReadOnlyList<AIContent>? files, IEnumerable<AITool> tools);
                Task<string> OnlyImageAsync(UriContent image);
                Task<string> MessageAsync(Conversation conversation, ChatMessage message, AIFunction[]? tools);
                [Prompt("What is {what}?")] Task<string> PromptedImageAsync(DataContent image, string what);

                [Prompt("{{literal}} {text} and {day:yyyy-MM-dd}: \"{text}\"\n{@odd}")]
                Task<string> NotAPlaceholderAsync(string text, DateOnly day);

                [Prompt("{{literal}} {text} and {day:yyyy-MM-dd}: \"{text}\"\n{count:N2}{other}")]
                Task<string> PromptAsync([MaxTokens(2_000)] string text, DateOnly day, double count, string other, string alsoKey, [CacheScope] string? tenant = null);
            }
            """).File);
    }

    [Fact]
    public void Names_that_are_keywords_or_taken()
    {
        Snapshot.ShouldMatch(GeneratorRun.Of("""
            namespace Contoso.@namespace;

            [ChatAgent]
            public interface INames
            {
                [Prompt("{class} {call}")]
                Task<string> @event(string @class, string call, string _event, [CacheScope] string token = "a\"\n");
                Task<string> Names(string message);
                Task<string> ToString(string message);
                Task<string> EventPolicy(string message, int runtime = -5, decimal price = 1.5m, double nan = double.NaN, DayOfWeek day = DayOfWeek.Friday, DayOfWeek? none = null, Guid id = default, string text = null!);
            }
            """).File);
    }

    [Fact]
    public void Overloads_and_inherited_members()
    {
        Snapshot.ShouldMatch(GeneratorRun.Of("""
            namespace Contoso;

            public interface IBase
            {
                [Cached]
                Task<string> AskAsync(string question);
                Task<string> SharedAsync(string question);
                Task<string> OtherResultAsync(string question);
                Task<string> DefaultAsync(string question) => AskAsync(question);
                private static int Hidden() => 1;
            }

            public interface IAlso
            {
                Task<string> SharedAsync(string question);
                Task<ChatResponse> OtherResultAsync(string question);
            }

            [ChatAgent(Name = "kin")]
            public interface IDerived : IBase, IAlso
            {
                Task<string> AskAsync(string question, int depth);
                Task<ChatResponse> AskAsync(IEnumerable<ChatMessage> messages);
            }
            """).Files["Contoso.IDerived.g.cs"]);
    }

    [Fact]
    public void What_cannot_be_generated_throws_so_that_the_class_compiles()
    {
        Snapshot.ShouldMatch(GeneratorRun.Of("""
            namespace Contoso;

            [ChatAgent]
            public interface IRefused
            {
                void Nothing(string message);
                Task NoResultAsync(string message);
                IAsyncEnumerable<int> NumbersAsync(string message);
                Task<string> TwoMessagesAsync(ChatMessage one, string two);
                Task<string> EmptyAsync(CancellationToken cancellationToken = default);
                Task<string> TwoAsync(string one, string two);
                Task<T?> GenericAsync<T, TClass, TStruct>(T? value, TClass? c, TStruct? s) where T : notnull where TClass : class, new() where TStruct : struct;
                Task<string> RefAsync(ref string message, out int count, in long size);
                ref readonly int Reference();
                [Prompt("{nobody}")] Task<string> UnknownAsync(string message);
                [Prompt("{open")] Task<string> OpenAsync(string open);
                int Property { get; set; }
                int Init { init; }
                string this[int index] { get; }
                event EventHandler Changed;
            }
            """).File);
    }

    [Fact]
    public void A_generic_agent_beside_one_that_is_not()
    {
        var run = GeneratorRun.Of("""
            namespace Contoso;

            [ChatAgent(Model = "gpt-4o")]
            public interface IReader<T, in @class> where T : class, new() where @class : notnull
            {
                Task<T> ReadAsync(string text);
                [Prompt("{value}")] ValueTask<T?> MaybeAsync(@class value);
            }

            [ChatAgent] internal interface IReader { Task<string> ReadAsync(string text); }
            """);
        Snapshot.ShouldMatch(run.Files["Contoso.IReader_2.g.cs"]);
        run.Files.Keys.ShouldBe(["Contoso.IReader_2.g.cs", "Contoso.IReader.g.cs"], ignoreOrder: true);
    }

    [Fact]
    public void Nested_agents_are_named_after_the_types_they_are_in()
    {
        var files = GeneratorRun.Of("""
            namespace Contoso;

            public static class Tickets
            {
                [ChatAgent] public interface IAsker { Task<string> AskAsync(string q); }
                public class Open { [ChatAgent] protected internal interface IAsker { Task<string> AskAsync(string q); } }
                internal static class Old { [Cached] public interface IAsker { Task<string> AskAsync(string q); } }
            }
            """).Files;
        files["Contoso.Tickets.IAsker.g.cs"].ShouldContain("public sealed partial class TicketsAsker : global::Contoso.Tickets.IAsker");
        files["Contoso.Tickets.Open.IAsker.g.cs"].ShouldContain("internal sealed partial class TicketsOpenAsker : global::Contoso.Tickets.Open.IAsker");
        files["Contoso.Tickets.Old.IAsker.g.cs"].ShouldContain("internal sealed partial class BudgetedTicketsOldAsker : global::Contoso.Tickets.Old.IAsker");
    }

    [Fact]
    public void All_agents_of_a_project_are_registered_by_one_call()
    {
        Snapshot.ShouldMatch(GeneratorRun.Of("""
            namespace Two { [ChatAgent] public interface IAsker { Task<string> AskAsync(string q); } }
            namespace One { [ChatAgent] public interface IAsker { Task<string> AskAsync(string q); } }
            [ChatAgent] internal interface ITeller { Task<string> TellAsync(string q); }
            [ChatAgent] public interface IGeneric<T> { Task<T> TellAsync(string q); }
            [Cached] public interface IWrapped { Task<string> TellAsync(string q); }
            """).Registrations);
    }

    [Theory]
    [InlineData("public class Outer { [ChatAgent] private interface INested { Task<string> AskAsync(string q); } }")]
    [InlineData("public class Outer<T> { [ChatAgent] public interface INested { Task<string> AskAsync(string q); } }")]
    [InlineData("[ChatAgent] file interface IFileLocal { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent] public interface Agent { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent] public interface IStatic { static abstract Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent] public interface IProtected { protected Task<string> AskAsync(string q); }")]
    [InlineData("public interface IUnmarked { Task<string> AskAsync(string q); }")]
    public void Nothing_is_generated(string source) => GeneratorRun.Of(source).Files.ShouldBeEmpty();

    [Fact]
    public void An_agent_in_the_global_namespace() =>
        GeneratorRun.Of("[ChatAgent] public interface IGlobal { Task<string> AskAsync(string q); }").File
            .ShouldContain("public sealed partial class Global : global::IGlobal");

    [Fact]
    public void An_agent_without_methods() => GeneratorRun.Of("[ChatAgent] public interface IEmpty;").Files.Count.ShouldBe(1);

    [Fact]
    public void An_interface_of_a_project_without_nullable() => GeneratorRun.Of("""
        #nullable disable
        [ChatAgent]
        public interface IOld { Task<string> AskAsync(string question, List<string> more, ChatOptions options = null, string last = null); }
        """.Replace("string last = null", "int last = 0", StringComparison.Ordinal)).Files.Count.ShouldBe(1);

    [Fact]
    public void An_obsolete_agent() => GeneratorRun.Of("""
        [ChatAgent, Obsolete("old")]
        public interface IOld { [Obsolete] Task<string> AskAsync(string question); }
        """, compiles: false).Output.GetDiagnostics().Where(d => d.Location.SourceTree!.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) && !d.IsSuppressed).ShouldBeEmpty();

    /// <summary>Whoever wrote the interface has agreed to what it uses.</summary>
    [Fact]
    public void An_agent_with_what_is_experimental() => GeneratorRun.Of("""
        using System.Diagnostics.CodeAnalysis;
        #pragma warning disable X001, X002, X003, X004
        [Experimental("X001")] public record Odd(int A);
        [Experimental("X002")] public static class Outer { public record Even(int A); }
        [ChatAgent, Experimental("X003")]
        public interface IAsker
        {
            Task<List<Odd?[]>> AskAsync(string question);
            [Experimental("X004")] Task<string> TellAsync(string question, Outer.Even even);
        }
        """).File.ShouldContain("#pragma warning disable X001, X002, X003, X004 //");

    [Fact]
    public void Pointers_are_forwarded_by_a_wrapper_and_refused_by_a_client()
    {
        var compilation = TestCompilation.Create("""
            [Cached] public unsafe interface IWrapped { int* At(int* first, delegate*<int, void> call); int* P { get; set; } ref int* R { get; } Task<string> AskAsync([CacheScope] string tenant, string question); }
            [ChatAgent] public unsafe interface IClient { Task<string> AskAsync(int* question); }
            """);
        var run = GeneratorRun.Start(compilation.WithOptions(compilation.Options.WithAllowUnsafe(true)));
        run.ShouldCompile();
        run.Files["IWrapped.g.cs"].ShouldContain("public unsafe int* At(int* first, delegate*<int, void> call) => _inner.At(first, call);");
    }

    [Fact]
    public void Two_parts_of_an_interface_make_one_class() => GeneratorRun.Of("""
        [ChatAgent] public partial interface ITwo { Task<string> AskAsync(string question); }
        [TokenBudget(MaxContextTokens = 5)] public partial interface ITwo { Task<string> TellAsync(string question); }
        """).Files.Count.ShouldBe(1);

    [Fact]
    public void An_attribute_written_twice_makes_one_class() => GeneratorRun.Of("""
        [ChatAgent, ChatAgent] public partial interface ITwo { Task<string> AskAsync(string question); }
        [ChatAgent] public partial interface ITwo;
        """, compiles: false).Files.Count.ShouldBe(1);

    [Fact]
    public void Agents_of_one_name_in_two_namespaces() => GeneratorRun.Of("""
        namespace Contoso.Sales { [ChatAgent] public interface IAgent { Task<string> AskAsync(string question); } }
        namespace Contoso.Support { [ChatAgent] public interface IAgent { Task<string> AskAsync(string question); } }
        namespace Contoso.Mixed { [Cached] public interface IAgent { Task<string> AskAsync(string question); } }
        """).Files["Contoso.Sales.IAgent.g.cs"].ShouldContain("class Contoso_Sales_AgentServiceCollectionExtensions");

    [Fact]
    public void No_registration_where_there_is_no_service_collection()
    {
        var run = GeneratorRun.Of(
            Sources.Orchestrator,
            references: References.Without("Microsoft.Extensions.DependencyInjection.Abstractions"));
        run.File.ShouldNotContain("ServiceCollection");
    }
}

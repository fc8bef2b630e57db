using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

public sealed class WrapperTests
{
    [Fact]
    public void A_wrapper_of_every_shape()
    {
        Snapshot.ShouldMatch(GeneratorRun.Of("""
            namespace Contoso;

            public sealed record Answer(string Text);

            [TokenBudget(MaxContextTokens = 8_000)]
            [RateLimited(RequestsPerMinute = 60)]
            public interface IResearchAgent
            {
                [Cached(TtlMinutes = 5, Scope = CacheScope.Global)]
                Task<string> AskAsync(IEnumerable<ChatMessage> messages, string topic, CancellationToken cancellationToken = default);
                Task<Answer> OnlyListAsync(List<ChatMessage> messages);
                Task<Answer?> ArrayAsync(ChatMessage[] messages, IReadOnlyList<ChatMessage> examples, [CacheScope] string? tenant, [CacheIgnore] int Item1);
                Task<ChatResponse> NothingAsync();
                IAsyncEnumerable<ChatResponseUpdate> StreamAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken);
                IAsyncEnumerable<ChatResponseUpdate> TalkAsync(Conversation conversation, string message);
                IAsyncEnumerable<string> TellAsync(IList<ChatMessage> messages);
                ValueTask<Answer> ValueTaskAsync(string question, DataContent image, IList<AITool> tools);

                void Reset();
                Task ResetAsync(CancellationToken cancellationToken = default);
                T Convert<T, U>(ref T value, out int count, in long size, params U[] rest) where T : class?, IComparable<T>, new() where U : notnull;
                ref int Reference(int index);
                string Name { get; set; }
                string this[int index] { get; }
                event EventHandler? Changed;
                Task<string> DefaultAsync(string text) => Task.FromResult(text);
            }
            """).File);
    }

    [Fact]
    public void A_mark_on_a_method_alone_leaves_the_others_as_they_are()
    {
        Snapshot.ShouldMatch(GeneratorRun.Of("""
            internal interface IBase { Task<string> BaseAsync(string q); int Count { get; } }

            internal interface IMarked : IBase
            {
                [Cached] Task<string> CachedAsync(string q);
                Task<string> PlainAsync(string q);
            }
            """).File);
    }

    [Fact]
    public void An_interface_with_many_marks_is_generated_once() => GeneratorRun.Of("""
        [TokenBudget(MaxMessages = 1), RateLimited(RequestsPerMinute = 1), CostTracked(LimitUsd = 1), Cached, Summarized]
        public partial interface IMany
        {
            [TokenBudget(MaxMessages = 2), Cached] Task<string> OneAsync(string q);
            [RateLimited(RequestsPerMinute = 2), Summarized] Task<string> TwoAsync(string q);
        }
        public partial interface IMany
        {
            [CostTracked(LimitUsd = 2)] Task<string> ThreeAsync(string q);
        }
        """).Files.Count.ShouldBe(1);

    [Theory]
    [InlineData("IReadOnlyList<ChatMessage> messages", true)]
    [InlineData("string q", false)]
    [InlineData("Conversation c, string q", false)]
    public void Summaries_are_for_methods_that_are_given_a_history(string parameters, bool isSummarized) => GeneratorRun.Of($$"""
        [Summarized(AfterMessages = 30, Model = "m")]
        public interface IMarked { Task<string> AskAsync({{parameters}}); }
        """).File.Contains("Summar", StringComparison.Ordinal).ShouldBe(isSummarized);

    [Fact]
    public void A_marked_method_that_cannot_be_budgeted_throws() => GeneratorRun.Of("""
        public interface IMarked { [Cached] void Impossible(); Task<string> PossibleAsync(); }
        """).File.ShouldContain("cannot be generated; see TB0100");

    [Fact]
    public void An_indexer_with_the_name_of_a_keyword() => GeneratorRun.Of("""
        public interface IMarked { [Cached] Task<string> AskAsync(string field, string value); int this[int field] { get; set; } }
        """).File.ShouldContain("_inner[@field]");

    [Fact]
    public void Marks_on_an_assembly_alone_generate_nothing() => GeneratorRun.Of("""
        [assembly: TokenBudget(MaxContextTokens = 8_000)]
        public interface IPlain { Task<string> AskAsync(string q); }
        public class Marked { [Cached] public void M() { } }
        """).Files.ShouldBeEmpty();
}

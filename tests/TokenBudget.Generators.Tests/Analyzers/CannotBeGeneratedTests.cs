using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class CannotBeGeneratedTests
{
    [Theory]
    [InlineData("public interface IPlain<T> { void M(ref T value); int P { get; } }")]
    [InlineData("[ChatAgent] public interface IAgent { Task<string> AskAsync(string q); int Default => 1; }")]
    [InlineData("[ChatAgent, Summarized] public interface IAgent { Task<string> AskAsync(string q); [Summarized] Task<string> TalkAsync(Conversation c, string q); }")]
    [InlineData("[Summarized] public interface IWrapped { Task<string> AskAsync(string q); [Summarized] Task<string> TalkAsync(IList<ChatMessage> m); }")]
    [InlineData("[Cached] public interface IWrapped { Task<string> AskAsync(string q); void Reset(); int P { get; set; } event EventHandler E; }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<CannotBeGeneratedAnalyzer>(source);

    [Theory]
    [InlineData("public class Outer<T> { [ChatAgent] public interface {|TB0100:INested|} { Task<string> AskAsync(string q); } }", "generic type 'Outer'")]
    [InlineData("public class Outer { [ChatAgent] private interface {|TB0100:INested|} { Task<string> AskAsync(string q); } }", "'INested' cannot be seen")]
    [InlineData("[ChatAgent] public interface {|TB0100:Agent|} { Task<string> AskAsync(string q); }", "leading 'I'")]
    [InlineData("[ChatAgent] public interface IA { void {|TB0100:Tell|}(string q); }", "must return")]
    [InlineData("[ChatAgent] public interface IA { Task<T> {|TB0100:AskAsync|}<T>(string q); }", "one method per type")]
    [InlineData("[ChatAgent] public interface IA { Task<string> {|TB0100:AskAsync|}(ref string q); }", "by value")]
    [InlineData("[ChatAgent] public interface IA { Task<string> {|TB0100:AskAsync|}(string a, string b); }", "'a' and 'b'")]
    [InlineData("[ChatAgent] public interface IA { Task<string> {|TB0100:AskAsync|}(int count); }", "sends nothing")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{x}\")] Task<string> {|TB0100:AskAsync|}(string q); }", "'{x}'")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{\\\"a\\\": 1}\")] Task<string> {|TB0100:AskAsync|}(string q); }", "write '{{'")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"a}\")] Task<string> {|TB0100:AskAsync|}(string q); }", "write '}}'")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{t}\")] Task<string> {|TB0100:AskAsync|}([CacheScope] string t); }", "never part")]
    [InlineData("[ChatAgent] public interface IA { Task<string> {|TB0100:AskAsync|}(string q, [CacheScope] int tenant); }", "by a string")]
    [InlineData("[ChatAgent] public interface IA { Task<string> {|TB0100:AskAsync|}(string q, [ConversationId] int id); }", "named by a string")]
    [InlineData("[ChatAgent] public interface IA { Task<string> {|TB0100:AskAsync|}(Conversation c, [ConversationId] string id); }", "are two conversations")]
    [InlineData("[ChatAgent] public interface IA { Task<AgentReply<string>?> {|TB0100:AskAsync|}(string q); }", "must return")]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync([{|TB0100:MaxTokens(0)|}] string q); }", "at least 1")]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q, [{|TB0100:MaxTokens(5)|}] int count); }", "bounds a text")]
    [InlineData("[Cached] public interface IA { Task<string> AskAsync(IList<ChatMessage> m, [{|TB0100:MaxTokens(5)|}] string q); }", "bounds a text")]
    [InlineData("[ChatAgent, {|TB0100:TokenBudget(MaxRounds = -1)|}] public interface IA { Task<string> AskAsync(string q); }", "MaxRounds")]
    [InlineData("[ChatAgent, {|TB0100:CostTracked(LimitUsd = 1_000_000_000)|}] public interface IA { Task<string> AskAsync(string q); }", "1,000,000 at most")]
    [InlineData("[ChatAgent] public interface IA { [{|TB0100:Cached(Similarity = 0.5)|}] Task<string> AskAsync(string q); }", "from 0.8 to 1")]
    [InlineData("[ChatAgent] public interface IA { [{|TB0100:Cached(Similarity = 1.5)|}] Task<string> AskAsync(string q); }", "from 0.8 to 1")]
    [InlineData("[ChatAgent] public interface IA { [{|TB0100:Summarized|}] Task<string> AskAsync(string q); }", "take a Conversation or a list of ChatMessage")]
    [InlineData("[Cached] public interface IA { [{|TB0100:Summarized|}] Task<string> AskAsync(Conversation c, string q); }", "given its history as a list of ChatMessage")]
    [InlineData("[ChatAgent] public interface {|TB0100:ITeller|} { Task<string> AskAsync(string q); } public class Teller : ITeller { public Task<string> AskAsync(string q) => null!; }", "its class would be 'Teller', and there is a type of that name; rename one of them, or, to keep an implementation of your own")]
    [InlineData("[Cached] public interface {|TB0100:ITeller|} { Task<string> AskAsync(string q); } public record BudgetedTeller;", "its class would be 'BudgetedTeller'")]
    [InlineData("public static class Outer { [ChatAgent] public interface {|TB0100:ITeller|} { Task<string> AskAsync(string q); } } public enum OuterTeller;", "its class would be 'OuterTeller'")]
    [InlineData("[ChatAgent] public interface IA { int {|TB0100:P|} { get; } }", "a property")]
    [InlineData("[ChatAgent] public interface IA { event EventHandler {|TB0100:E|}; }", "an event")]
    [InlineData("public interface IA { [Cached] void {|TB0100:M|}(); Task<string> AskAsync(); }", "must return")]
    [InlineData("public interface IBase { void M(); } [ChatAgent] public interface {|TB0100:IA|} : IBase;", "'M'")]
    public async Task Says_what_and_what_to_do(string source, string message) =>
        (await AnalyzerRun.ShouldReport<CannotBeGeneratedAnalyzer>(source)).Single().GetMessage(null).ShouldContain(message);

    [Fact]
    public async Task Can_be_switched_off_by_a_pragma()
    {
        const string Source = """
            #pragma warning disable TB0100
            [ChatAgent] public interface IA { void Tell(string q); }
            """;
        var diagnostics = await AnalyzerRun.Analyze<CannotBeGeneratedAnalyzer>(TestCompilation.Create(Source, AnalyzerRun.References));
        diagnostics.Where(diagnostic => !diagnostic.IsSuppressed).ShouldBeEmpty();
    }
}

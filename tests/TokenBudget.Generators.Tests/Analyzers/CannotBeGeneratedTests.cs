using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class CannotBeGeneratedTests
{
    private const string Json = " public sealed class Json() : System.Text.Json.Serialization.JsonSerializerContext(null) { public static Json Default { get; } = new(); protected override System.Text.Json.JsonSerializerOptions? GeneratedSerializerOptions => null;"
        + " public override System.Text.Json.Serialization.Metadata.JsonTypeInfo? GetTypeInfo(Type type) => null; }";

    [Theory]
    [InlineData("public interface IPlain<T> { void M(ref T value); int P { get; } }")]
    [InlineData("[ChatAgent] public interface IAgent { Task<string> AskAsync(string q); int Default => 1; }")]
    [InlineData("[ChatAgent, Summarized] public interface IAgent { Task<string> AskAsync(string q); [Summarized] Task<string> TalkAsync(Conversation c, string q); }")]
    [InlineData("[Summarized] public interface IWrapped { Task<string> AskAsync(string q); [Summarized] Task<string> TalkAsync(IList<ChatMessage> m); }")]
    [InlineData("[Cached] public interface IWrapped { Task<string> AskAsync(string q); void Reset(); int P { get; set; } event EventHandler E; }")]
    [InlineData("public class Outer { [ChatAgent] protected internal interface IA { Task<string> AskAsync(string q); } }")]
    [InlineData("[ChatAgent, JsonContext(typeof(Json))] public interface IA { Task<(int, string)> AskAsync(string q); Task<System.IO.Stream> ReadAsync(string q); }" + Json)]
    [InlineData("[assembly: JsonContext(typeof(Json))] [ChatAgent, Tools(typeof(Desk))] public interface IA { Task<(int, string)> AskAsync(string q); } public class Desk { public IFormattable Find(int id) => id; }" + Json)]
    [InlineData("[ChatAgent] public interface IA<T> { Task<T> AskAsync(string q); Task<T[]> ManyAsync(string q); [Prompt(\"{value}\")] Task<string> TellAsync(T value); }")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{a}{b}{c}{d}{e}{f}\")] Task<string> TellAsync((int, string) a, object b, IList<int> c, Type d, Shape e, IFormattable? f); } public abstract class Shape;")]
    [InlineData("[CostTracked(LimitUsd = 1)] public interface IWrapped { Task<string> AskAsync(string q); Task<System.IO.Stream> OpenAsync(string path); }")]
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
    [InlineData("[ChatAgent] public interface IA { Task<(int, string)> {|TB0100:AskAsync|}(string q); }", "(int, string) is a tuple, and JSON knows nothing of its elements; take a record")]
    [InlineData("[ChatAgent] public interface IA { ValueTask<AgentReply<IFormattable>> {|TB0100:AskAsync|}(string q); }", "IFormattable is an interface, and JSON does not say which type stands behind it; take a class or a record, or name its types by [JsonDerivedType(typeof(…), \"…\")]")]
    [InlineData("[ChatAgent] public interface IA { Task<CancellationToken> {|TB0100:AskAsync|}(string q); }", "has nothing that JSON could set")]
    [InlineData("[ChatAgent] public interface IA { Task<Task<string>> {|TB0100:AskAsync|}(string q); }", "Task<string> has no constructor that JSON could choose; take a record of what matters in it")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{Q}\")] Task<string> {|TB0100:AskAsync|}(string q); }", "'{Q}', which is no parameter; write '{q}'")]
    [InlineData("[ChatAgent] public interface {|TB0100:IA|} { Task<string> AskAsync(string q, __arglist); }", "'AskAsync' takes __arglist; take an array")]
    [InlineData("[ChatAgent] public interface IA { Task<int[,]> {|TB0100:AskAsync|}(string q); }", "several dimensions")]
    [InlineData("[ChatAgent] public interface IA { Task<List<Order?>> {|TB0100:AskAsync|}(string q); } public record Order(int Id, Line[] Lines); public record Line(Func<int> Price);", "in Order.Lines, in Line.Price, Func<int> is nothing JSON can hold")]
    [InlineData("[ChatAgent] public interface IA { Task<Order> {|TB0100:AskAsync|}(string q); } public class Order { public Order(int id) { } public Order(string id) { } }", "Order has several public constructors; mark one with [JsonConstructor]")]
    [InlineData("public interface IA { [Cached] Task<(int, string)> {|TB0100:AskAsync|}(string q); }", "is a tuple")]
    [InlineData("public interface IA { [Cached] Task<Order> {|TB0100:AskAsync|}(string q); } public record Order(int Id) { public Type Type => GetType(); }", "in Order.Type, Type is nothing JSON can hold")]
    [InlineData("[ChatAgent, Tools(typeof(Desk))] public interface IA { Task<string> {|TB0100:AskAsync|}(string q); } public class Desk { public int Find(Order order) => 1; } public class Order(int id) { public int Number => id; }", "parameter 'order' of the tool 'Desk.Find' is read from JSON, and Order has a constructor whose parameter 'id'")]
    [InlineData("[ChatAgent, Tools(typeof(Desk))] public interface IA { Task<string> {|TB0100:AskAsync|}(string q); } public class Desk { public Task<(int, int)> FindAsync(int id) => null!; }", "the result of the tool 'Desk.FindAsync' is written as JSON, and (int, int) is a tuple")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{order}\")] Task<string> {|TB0100:AskAsync|}(List<Order?>? order); } public class Order { public int Id { get; set; } }", "List<Order?>? the model would read nothing but the type's name; override ToString")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{run}\")] Task<string> {|TB0100:AskAsync|}(Action run); }", "the type's name")]
    [InlineData("[ChatAgent] public interface IA { [Prompt(\"{file}\")] Task<string> {|TB0100:AskAsync|}(System.IO.FileStream file); }", "the type's name")]
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

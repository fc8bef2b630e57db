using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnkeyableParameterTests
{
    private const string Types = """
        public record Period(int Year, int? Month) { public string Name => $"{Year}-{Month}"; }
        public record Filter(Period Period, List<Period> More, IReadOnlyDictionary<string, decimal[]> Shares, Filter? Next);
        public struct Point { public int X { get; set; } public int Y { get; init; } }
        public class Hidden { private readonly int _secret = 5; public int Shown { get; set; } public int Use() => _secret; }
        public class Ignored { [System.Text.Json.Serialization.JsonIgnore] public int Left { get; set; } public int Shown { get; set; } }
        public class Inherits : Hidden { public int More { get; set; } }
        public record WithTuples(List<(int, int)> Pairs);
        public record Shape(int Size);
        public record Circle(int Size, int Radius) : Shape(Size);
        public record Drawing(Shape Shape);
        public sealed record Empty;
        public abstract record Animal(int Legs);
        [System.Text.Json.Serialization.JsonDerivedType(typeof(Dog))] public abstract record Pet(int Legs);
        public record Dog(int Legs) : Pet(Legs);
        [System.Text.Json.Serialization.JsonConverter(typeof(object))] public class Converted { private int _x = 1; public int X() => _x; }
        """;

    [Theory]
    [InlineData("int")]
    [InlineData("string")]
    [InlineData("DateTime?")]
    [InlineData("DayOfWeek")]
    [InlineData("Guid")]
    [InlineData("Uri")]
    [InlineData("Uri?")]
    [InlineData("byte[]")]
    [InlineData("ReadOnlyMemory<byte>")]
    [InlineData("List<List<string>>")]
    [InlineData("HashSet<int>")]
    [InlineData("Dictionary<DayOfWeek, Guid>")]
    [InlineData("System.Text.Json.JsonElement")]
    [InlineData("Period")]
    [InlineData("Filter")]
    [InlineData("Point?")]
    [InlineData("Circle")]
    [InlineData("Pet")]
    [InlineData("Converted")]
    public Task Holds(string type) => AnalyzerRun.ShouldReport<UnkeyableParameterAnalyzer>(Source(type, "value"));

    [Theory]
    [InlineData("object", "does not tell what it holds")]
    [InlineData("System.IO.Stream", "does not tell what it holds")]
    [InlineData("Func<int>", "does not tell what it holds")]
    [InlineData("IServiceProvider", "does not tell what it holds")]
    [InlineData("System.Globalization.CultureInfo", "does not tell what it holds")]
    [InlineData("IAsyncEnumerable<int>", "does not tell what it holds")]
    [InlineData("System.Numerics.BigInteger", "does not tell what it holds")]
    [InlineData("List<object>", "does not tell what it holds")]
    [InlineData("int[,]", "several dimensions")]
    [InlineData("(int A, int B)", "make it a record")]
    [InlineData("WithTuples", "in WithTuples.Pairs")]
    [InlineData("Dictionary<Period, int>", "no text")]
    [InlineData("Hidden", "'_secret'")]
    [InlineData("Inherits", "'_secret'")]
    [InlineData("Ignored", "'Left'")]
    [InlineData("Drawing", "make it sealed")]
    [InlineData("Shape[]", "make it sealed")]
    [InlineData("Empty", "nothing of its state")]
    [InlineData("Animal", "any type may stand behind it")]
    [InlineData("IDisposable", "does not tell what it holds")]
    public async Task Cannot_hold(string type, string reason) =>
        (await AnalyzerRun.ShouldReport<UnkeyableParameterAnalyzer>(Source(type, "{|TB0111:value|}"))).Single().GetMessage(null).ShouldContain(reason);

    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q, object value); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> AskAsync(string q, [CacheIgnore] object value); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached, Prompt(\"{q} {value}\")] Task<string> AskAsync(string q, object value); }")]
    [InlineData("[ChatAgent] public interface IA<T> { [Cached] Task<string> AskAsync(string q, T value); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> AskAsync(Conversation c, ChatMessage m, ChatOptions o, IEnumerable<AITool> tools, [CacheScope] string t, CancellationToken token); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<UnkeyableParameterAnalyzer>(source);

    [Fact]
    public Task A_wrapped_method_is_judged_alike() => AnalyzerRun.ShouldReport<UnkeyableParameterAnalyzer>(
        "public interface IA { [Cached] Task<string> AskAsync(IList<ChatMessage> m, Action {|TB0111:a|}, int n); }");

    private static string Source(string type, string parameter) =>
        $"{Types}\n[ChatAgent] public interface IA {{ [Cached] Task<string> AskAsync(string q, {type} {parameter}); }}";
}

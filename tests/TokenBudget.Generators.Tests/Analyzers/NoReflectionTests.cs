using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.CodeAnalysis;
using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class NoReflectionTests
{
    private const string Types = """
        public enum Kind { Bug }
        public record Order(int Id);
        public class Desk { public Order[] Find(Order like, int most, CancellationToken token) => []; public string Say() => ""; public TextContent Show() => new(""); }
        public sealed class Json() : System.Text.Json.Serialization.JsonSerializerContext(null)
        {
            public static Json Default { get; } = new();
            protected override System.Text.Json.JsonSerializerOptions? GeneratedSerializerOptions => null;
            public override System.Text.Json.Serialization.Metadata.JsonTypeInfo? GetTypeInfo(Type type) => null;
        }
        """;

    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<Order?> AskAsync(string q); }", "Order")]
    [InlineData("[ChatAgent] public interface IA { Task<Kind?> AskAsync(string q); }", "Kind")]
    [InlineData("[ChatAgent] public interface IA { Task<AgentReply<List<Guid>>> AskAsync(string q); }", "System.Collections.Generic.List<System.Guid>")]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> AskAsync(string q, int n, Order order, Uri? s, Kind kind); }", "Order")]
    [InlineData("[ChatAgent, Tools(typeof(Desk))] public interface IA { Task<string> AskAsync(string q); }", "Order", "Order[]")]
    [InlineData("public interface IA { [Cached] Task<Order> AskAsync(string q); }", "Order")]
    public async Task Says_which_types(string source, params string[] types)
    {
        foreach (var (property, value) in new[] { ("PublishAot", "true"), ("PublishTrimmed", "True"), ("IsAotCompatible", "true"), ("JsonSerializerIsReflectionEnabledByDefault", "false") })
            (await Find(source, property, value)).Select(static report => report.GetMessage(CultureInfo.InvariantCulture).Split(" JSON of ")[1].Split(',')[0]).ShouldBe(types);
        (await Find(source, "PublishAot", "false")).ShouldBeEmpty();
        (await Find("[assembly: JsonContext(typeof(Json))] " + source, "PublishAot", "true")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("[ChatAgent] public interface IA { Task<string> AskAsync(string q, Order order); Task<Kind> KindAsync(string q); Task<int?> CountAsync(string q); Task<List<string>?> ListAsync(string q); Task<object> AnyAsync(string q); }")]
    [InlineData("[ChatAgent] public interface IA { [Cached] Task<string> AskAsync(string q, Guid id, Kind? kind, string[] tags, [CacheIgnore] Order order); }")]
    public async Task Says_nothing(string source) => (await Find(source, "PublishAot", "true")).ShouldBeEmpty();

    /// <summary>What the rule takes for known is what the runtime knows, no more.</summary>
    [Fact]
    public void What_is_known_is_what_the_runtime_knows()
    {
        var options = new JsonSerializerOptions(AgentJson.Options(AIJsonUtilities.DefaultOptions.TypeInfoResolverChain[0]));
        for (var i = options.TypeInfoResolverChain.Count - 1; i >= 0; i--)
            if (options.TypeInfoResolverChain[i] is DefaultJsonTypeInfoResolver)
                options.TypeInfoResolverChain.RemoveAt(i);
        options.Converters.Clear();
        options.MakeReadOnly();
        var probes = NoReflectionAnalyzer.Known.Select(static (type, number) => $"public class Probe{number} {{ public {type} Value = default!; }}");
        var compilation = TestCompilation.Create(string.Join('\n', probes));
        using var image = new MemoryStream();
        compilation.Emit(image).Success.ShouldBeTrue();
        var assembly = System.Reflection.Assembly.Load(image.ToArray());
        foreach (var type in assembly.GetTypes().Where(static type => type.Name.StartsWith("Probe", StringComparison.Ordinal)))
            options.TryGetTypeInfo(type.GetField("Value")!.FieldType, out _).ShouldBeTrue(type.GetField("Value")!.FieldType.ToString());
        options.TryGetTypeInfo(typeof(DayOfWeek), out _).ShouldBeFalse("reflection is not behind it");
    }

    private static Task<IReadOnlyList<Diagnostic>> Find(string source, string property, string value) => AnalyzerRun.Analyze<NoReflectionAnalyzer>(
        TestCompilation.Create(source + Types, AnalyzerRun.References), [], new TestProperties(new Dictionary<string, string> { [property] = value }));
}

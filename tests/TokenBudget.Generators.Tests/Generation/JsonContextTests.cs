using System.Globalization;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

/// <summary>Replies and tools that are read and written by a context of the user's instead of by reflection.</summary>
public sealed class JsonContextTests
{
    /// <summary>A context as the compiler would write it, but for what it knows.</summary>
    private const string Context = """
        public sealed record Line(string Article, int Count);
        public sealed record Order(string Id, Line[] Lines);

        public sealed class AppJson() : System.Text.Json.Serialization.JsonSerializerContext(null)
        {
            public static AppJson Default { get; } = new();
            protected override System.Text.Json.JsonSerializerOptions? GeneratedSerializerOptions => null;
            public override System.Text.Json.Serialization.Metadata.JsonTypeInfo? GetTypeInfo(Type type) => null;
        }

        public sealed class Desk { public int Count(Line[] lines, Line? more = null) => lines.Length; public async Task<Order> FindAsync(string id) { await Task.Yield(); return new(id, []); } }
        """;

    [Theory]
    [InlineData("[ChatAgent, Tools(typeof(Desk)), JsonContext(typeof(AppJson))]", "")]
    [InlineData("[ChatAgent, Tools(typeof(Desk))]", "[assembly: JsonContext(typeof(AppJson))]")]
    public void Everything_goes_through_the_context(string attributes, string assembly)
    {
        var file = GeneratorRun.Of($"{assembly} {attributes} public interface IA {{ Task<Order> AskAsync(string q); Task<string> Json(string q); }} {Context}").File;
        file.ShouldContain("private static readonly global::System.Text.Json.JsonSerializerOptions Json2 = global::TokenBudget.CompilerServices.AgentJson.Options(global::AppJson.Default);");
        file.ShouldContain("ReplyFormat.Json<global::Order>(Json2, ");
        file.ShouldContain("Argument<global::Line[]>(Json2, arguments, \"lines\")");
        file.ShouldContain("Argument<global::Line?>(Json2, arguments, \"more\", null)");
        file.ShouldContain("Result(Json2, ");
        file.IndexOf("Options Json2 =", StringComparison.Ordinal).ShouldBeLessThan(file.IndexOf("ReplyFormat.Json<", StringComparison.Ordinal), "static fields are set in the order of the text");
    }

    [Fact]
    public void Parts_of_a_cache_key_go_through_the_context_unless_they_are_plain()
    {
        var file = GeneratorRun.Of($"[ChatAgent, JsonContext(typeof(AppJson))] public interface IA {{ [Cached] Task<string> AskAsync(string q, [CacheScope] string t, Line line, IReadOnlyList<Line?>? lines, int depth, DateOnly? day); }} {Context}").File;
        file.ShouldContain("call.KeyPart(\"line\", line, Json);");
        file.ShouldContain("call.KeyPart(\"lines\", lines, Json);");
        file.ShouldContain("call.KeyPart(\"depth\", depth);");
        file.ShouldContain("call.KeyPart(\"day\", day);");
    }

    [Fact]
    public void Without_one_nothing_is_said_of_it() =>
        GeneratorRun.Of($"[ChatAgent, Tools(typeof(Desk))] public interface IA {{ Task<Order> AskAsync(string q); }} {Context}").File.ShouldNotContain("AgentJson");

    [Theory]
    [InlineData("typeof(string)", "'String', which is no JsonSerializerContext")]
    [InlineData("typeof(System.Text.Json.Serialization.JsonSerializerContext)", "'JsonSerializerContext', which is no JsonSerializerContext that can be seen")]
    public async Task What_is_no_context_is_an_error_and_the_class_compiles(string context, string message)
    {
        var source = $"[ChatAgent, {{|TB0100:JsonContext({context})|}}] public interface IA {{ Task<string> AskAsync(string q); }} {Context}";
        (await AnalyzerRun.ShouldReport<CannotBeGeneratedAnalyzer>(source)).Single().GetMessage(CultureInfo.InvariantCulture).ShouldContain(message);
        GeneratorRun.Of(Markup.Parse(source).Source);
    }
}

using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using TokenBudget.Configuration;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

/// <summary>Tools declared by <c>[Tools]</c>: held to what <c>AIFunctionFactory</c> makes of the same methods by reflection.</summary>
public sealed class ToolsTests
{
    private const string Source = """"
        using System.ComponentModel;
        using System.Text.Json;

        namespace Contoso;

        public enum Kind { Bug, Question }
        public sealed record Line([property: Description("the article")] string Article, int Count = 1);
        public sealed record Order(string Id, List<Line> Lines);

        [ToolApproval]
        public static class Danger
        {
            [Description("Deletes an order.")] public static void Delete(string id) => OrderTools.Log.Add("deleted " + id);
        }

        public abstract class ToolBase
        {
            [Description("Says \"hello\"\nin two lines, \u2028 über all.")]
            public virtual string Hello([Description("who")] string name, Kind kind = Kind.Question, string? note = null) => $"{name} {kind} {note ?? "-"}";
            public override string ToString() => "never a tool";
        }

        public sealed class OrderTools : ToolBase, IDisposable
        {
            public static List<string> Log { get; } = [];
            [Description("Finds orders.")] public async Task<Order> FindAsync(string id, CancellationToken cancellationToken) { await Task.Yield(); cancellationToken.ThrowIfCancellationRequested(); return new Order(id, [new Line("pen", 2)]); }
            public ValueTask<int> CountAsync(Line[] lines, double share = 1.5, int? most = null, params string[] tags) => new((int)(lines.Sum(line => line.Count) * share) + (most ?? 0) + tags.Length);
            public async Task NoteAsync(string text) { await Task.Yield(); Log.Add(text); }
            public ValueTask ForgetAsync() { Log.Clear(); return default; }
            [DisplayName("utc_now")] public static DateOnly Today(Dictionary<string, int> offsets, Guid? id = null, bool @event = true) => new(2026, 2, offsets.Count + 1);
            public override string Hello(string name, Kind kind = Kind.Question, string? note = null) => base.Hello(name, kind, note);
            public T Generic<T>(T value) => value;
            public void Dispose() { }
            internal void Hidden() { }
        }

        [ChatAgent(Model = "gpt-4o"), Tools(typeof(OrderTools)), TokenBudget(MaxRounds = 4)]
        public interface IClerk
        {
            Task<string> ServeAsync(string question, CancellationToken cancellationToken = default);

            [Tools(typeof(Danger)), Tools(typeof(OrderTools))]
            Task<ChatResponse> CleanAsync(string question);
        }
        """";

    private static readonly string[] Names = ["Find", "Count", "Note", "Forget", "utc_now", "Hello"];

    private static readonly Lazy<Assembly> Compiled = new(() =>
    {
        using var image = new MemoryStream();
        var result = GeneratorRun.Of(Source).Output.Emit(image);
        result.Success.ShouldBeTrue(string.Join("\n", result.Diagnostics));
        return Assembly.Load(image.ToArray());
    });

    [Fact]
    public void Tools_are_written_into_the_class() => Snapshot.ShouldMatch(GeneratorRun.Of(Source).File);

    [Fact]
    public async Task A_tool_is_declared_as_the_factory_would_declare_it()
    {
        var tools = (await ToolsOfAsync("ServeAsync")).Cast<AIFunction>().ToList();
        tools.Select(tool => tool.Name).ShouldBe(Names);
        var type = Type("OrderTools");
        foreach (var tool in tools)
        {
            var method = type.GetMethod(tool.Name) ?? type.GetMethod(tool.Name + "Async") ?? type.GetMethod("Today")!;
            var made = AIFunctionFactory.Create(method, method.IsStatic ? null : Activator.CreateInstance(type));
            tool.Name.ShouldBe(made.Name);
            tool.Description.ShouldBe(made.Description);
            JsonNode.DeepEquals(JsonNode.Parse(tool.JsonSchema.GetRawText()), JsonNode.Parse(made.JsonSchema.GetRawText()))
                .ShouldBeTrue($"{tool.JsonSchema}\nshould be\n{made.JsonSchema}");
        }
    }

    [Theory]
    [InlineData("Find", """{"id":"a1"}""")]
    [InlineData("Find", """{"id":5}""")]
    [InlineData("Find", "{}")]
    [InlineData("Find", """{"id":null}""")]
    [InlineData("Count", """{"lines":[{"article":"pen"},{"article":"ink","count":3}],"tags":[]}""")]
    [InlineData("Count", """{"lines":[{"article":"pen"}],"share":"2","most":7,"tags":["a"]}""")]
    [InlineData("Count", """{"lines":[],"tags":null}""")]
    [InlineData("Note", """{"text":"[1]"}""")]
    [InlineData("Forget", "{}")]
    [InlineData("Forget", """{"unknown":1}""")]
    [InlineData("utc_now", """{"offsets":{"a":1},"id":"0f8fad5b-d9cb-469f-a165-70867728950e"}""")]
    [InlineData("utc_now", """{"offsets":{},"event":"maybe"}""")]
    [InlineData("Hello", """{"name":"Ada","kind":"Bug"}""")]
    [InlineData("Hello", """{"name":"Ada","kind":"None","note":"x"}""")]
    public async Task A_tool_gives_what_the_factorys_gives(string name, string arguments)
    {
        var tool = (await ToolsOfAsync("ServeAsync")).Cast<AIFunction>().Single(tool => tool.Name == name);
        var type = Type("OrderTools");
        var method = type.GetMethod(name) ?? type.GetMethod(name + "Async") ?? type.GetMethod("Today")!;
        var made = AIFunctionFactory.Create(method, method.IsStatic ? null : Activator.CreateInstance(type));
        (await ResultOf(tool, arguments)).ShouldBe(await ResultOf(made, arguments));
    }

    [Fact]
    public async Task An_argument_may_be_json_in_a_text()
    {
        var tool = (await ToolsOfAsync("ServeAsync")).Cast<AIFunction>().Single(tool => tool.Name == "Count");
        (await ResultOf(tool, """{"lines":"[{\"article\":\"pen\"}]","share":"2","tags":"[]"}""")).ShouldBe("2");
    }

    [Fact]
    public async Task Tools_of_a_method_come_after_those_of_the_interface_each_once_and_some_ask_first()
    {
        var tools = await ToolsOfAsync("CleanAsync");
        tools.Select(tool => tool.Name).ShouldBe([.. Names, "Delete"]);
        tools.OfType<ApprovalRequiredAIFunction>().ShouldHaveSingleItem().Name.ShouldBe("Delete");
    }

    [Fact]
    public async Task The_tools_are_run_and_those_that_ask_first_are_returned()
    {
        var (result, client) = await Scenario.RunAsync(
            Source.Replace("namespace Contoso;", "using Microsoft.Extensions.DependencyInjection;\nusing Contoso;\n\nnamespace Contoso {", StringComparison.Ordinal) + """

            }
            public static class Scenario
            {
                public static async Task<string> RunAsync(IChatClient client, TokenBudgetRuntime runtime)
                {
                    await using var services = new ServiceCollection().AddSingleton(client).AddSingleton(runtime).AddTokenBudgetAgents().BuildServiceProvider();
                    return await services.GetRequiredService<IClerk>().ServeAsync("hello?");
                }
            }
            """,
            "Hello yourself.");
        result.ShouldBe("Hello yourself.");
        client.Requests.Single().Options!.Tools!.Count.ShouldBe(Names.Length);
    }

    [Fact]
    public async Task Tools_are_counted_at_build_as_the_run_time_counts_them()
    {
        var file = GeneratorRun.Of(Source).File;
        var fixedTokens = int.Parse(System.Text.RegularExpressions.Regex.Match(file, "FixedTokens = ([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        var counter = new Counting.MessageCounter(Counting.TokenCounter.ForEncoding("o200k_base"));
        var tools = await ToolsOfAsync("ServeAsync");
        // The runtime frames each tool besides.
        fixedTokens.ShouldBe(counter.Count(new ChatOptions { Tools = [.. tools] }) - (8 * tools.Count));
        file.ShouldContain($"; {fixedTokens} fixed tokens");
    }

    [Theory]
    [InlineData("'T' has no", "public sealed class T { }", "which has no public method")]
    [InlineData("two", "public sealed class T { public int A(int x) => x; public int A(string x) => 1; }", "two tools named 'A'")]
    [InlineData("schema", "public sealed class T { public int A(IDisposable x) => 1; }", "parameter 'x' of the tool 'T.A' is read from JSON, and IDisposable is an interface")]
    [InlineData("ref", "public sealed class T { public int A(ref int x) => x; }", "parameter 'x' of the tool 'T.A'")]
    [InlineData("span", "public sealed class T { public int A(ReadOnlySpan<char> x) => 1; }", "parameter 'x' of the tool 'T.A'")]
    [InlineData("stream", "public sealed class T { public IAsyncEnumerable<int> A() => throw new NotSupportedException(); }", "the tool 'T.A' must return")]
    [InlineData("private", "public static class O { private sealed class T { } [ChatAgent, Tools(typeof(T))] public interface IB { Task<string> B(string q); } } public class T { public void M() { } }", "cannot be seen")]
    [InlineData("open", "public sealed class T { public void A() { } } public sealed class G<X> { public void A() { } } [ChatAgent, Tools(typeof(G<>))] public interface IB { Task<string> B(string q); }", "no class or interface with its type arguments")]
    [InlineData("struct", "public sealed class T { public void A() { } } public struct S { public void A() { } } [ChatAgent, Tools(typeof(S))] public interface IB { Task<string> B(string q); }", "'S', which is no class")]
    public async Task What_cannot_be_a_tool_is_an_error_and_the_class_compiles(string _, string types, string message)
    {
        var source = types + " [ChatAgent, Tools(typeof(T))] public interface IA { Task<string> A(string q); }";
        GeneratorRun.Of(source);
        var diagnostics = await AnalyzerRun.Analyze<CannotBeGeneratedAnalyzer>(TestCompilation.Create(source, AnalyzerRun.References));
        diagnostics.ShouldHaveSingleItem().GetMessage(CultureInfo.InvariantCulture).ShouldContain(message);
    }

    [Fact]
    public async Task A_wrapper_has_no_tools()
    {
        const string Wrapper = "[Cached, Tools(typeof(T))] public interface IA { [Tools(typeof(T))] Task<string> A(string q); } public static class T { public static void A() { } }";
        GeneratorRun.Of(Wrapper).File.ShouldContain("WrapAsync");
        (await AnalyzerRun.Analyze<CannotBeGeneratedAnalyzer>(TestCompilation.Create(Wrapper, AnalyzerRun.References))).Count.ShouldBe(2);
    }

    [Fact]
    public void An_internal_type_of_tools_makes_the_constructor_internal() => GeneratorRun.Of("""
        internal sealed class T { public void A() { } }
        internal interface ITools<X> { X B(X x); }
        [ChatAgent, Tools(typeof(T)), Tools(typeof(ITools<int>))] public interface IA { Task<string> A(string client, string runtime) => Task.FromResult(""); Task<string> B(string t); }
        """).File.ShouldContain("internal A(global::Microsoft.Extensions.AI.IChatClient client, global::TokenBudget.TokenBudgetRuntime runtime, global::T ");

    private static Type Type(string name) => Compiled.Value.GetType("Contoso." + name)!;

    private static async Task<IList<AITool>> ToolsOfAsync(string method)
    {
        var client = new RecordingClient(["", ""]);
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions { AllowUnknownPrices = true });
        var clerk = Activator.CreateInstance(Type("Clerk"), client, runtime, Activator.CreateInstance(Type("OrderTools")))!;
        var parameters = method == "ServeAsync" ? new object[] { "q", CancellationToken.None } : ["q"];
        await (Task)Type("Clerk").GetMethod(method)!.Invoke(clerk, parameters)!;
        return client.Requests.Single().Options!.Tools!;
    }

    /// <summary>Arguments as a provider's adapter gives them: JSON elements. A failure is a result too, of whatever text.</summary>
    private static async Task<string> ResultOf(AIFunction tool, string arguments)
    {
        var values = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments)!;
        try
        {
            var result = await tool.InvokeAsync(new AIFunctionArguments(values));
            return result is System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.String } text ? text.GetString()! : result?.ToString() ?? "(nothing)";
        }
        catch (Exception exception)
        {
            return exception.GetType().Name;
        }
    }
}

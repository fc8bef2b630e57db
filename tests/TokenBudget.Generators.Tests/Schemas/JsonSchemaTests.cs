using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.Extensions.AI;
using TokenBudget.Generators.Schemas;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Schemas;

/// <summary>The schema written at build is the one the run time makes by reflection.</summary>
public sealed class JsonSchemaTests
{
    private const string Types = """
        using System.ComponentModel;
        using System.Text.Json;
        using System.Text.Json.Serialization;

        public enum Kind { Bug, Question }
        [Flags] public enum Flags { A = 1, B = 2 }
        [Description("A \"ticket\"\nof two lines, über all")]
        public record Ticket(
            [property: Description("the title")] string Title, [Description("a note")] string? Note, int Count = 3, Kind? Kind = null, List<Line>? Lines = null,
            [property: JsonPropertyName("x/y~z")] Line? Other = null, Kind Chosen = Kind.Question, double Share = 1.5, string Text = "a\"b", bool Flag = true, char Letter = 'x');
        public record Line(int A)
        {
            public int Computed => A;
            public required string R { get; init; }
            [JsonIgnore] public string? Ignored { get; set; }
            public int Field;
            internal int Hidden { get; set; }
            public Line? Next { get; set; }
        }
        public class Chain { public string Name { get; set; } = ""; public string? Maybe { get; set; } public Chain? Child { get; set; } public static int Static { get; set; } public int this[int i] => i; }
        public class Tree { public Tree[] Children { get; set; } = []; public Dictionary<string, Tree>? Map { get; set; } }
        public class Base { public int Number { get; set; } public virtual string Name { get; set; } = ""; }
        public sealed class Derived : Base { public string URLValue { get; set; } = ""; public override string Name { get; set; } = ""; public int XY { get; set; } public int ABc { get; set; } }
        public readonly record struct Point(int X, int? Y);
        public struct Plain { public int X { get; set; } }
        public class Two { public Two() { } public Two(int a) { A = a; } public int A { get; set; } }
        public class Chosen { [JsonConstructor] public Chosen(int a, int b = 2) { A = a; B = b; } public Chosen() { } public int A { get; } public int B { get; } }
        public record Link(Uri? Url, JsonElement? Json);
        public record Twice(List<Line> One, List<Line>? Other, int[] A, int[] B, Point P, Point Q, Point[] R, Point[] S, Dictionary<string, int> D, List<Dictionary<string, int>> E);
        public record Generic<T>(T Value, IReadOnlyList<T> Values);
        public record Everything(
            Guid Id, DateTime At, DateTimeOffset On, DateOnly Day, TimeOnly Time, TimeSpan Span, Uri Link, JsonElement Json, object Any, byte[] Bytes,
            decimal Price, float F, ulong U, char C, Flags Flags, HashSet<string> Set, IDictionary<string, Point> Points, int?[] Maybes, Kind[] Kinds, DateOnly? MaybeDay);
        #nullable disable
        public class Old { public string Name { get; set; } public Old Next { get; set; } }
        """;

    private const string Unknown = """
        using System.Text.Json.Serialization;
        [JsonDerivedType(typeof(Circle), "circle")] public class Shape { }
        public sealed class Circle : Shape { }
        public abstract class Abstract { }
        public interface IThing { }
        public class Many { public Many(int a) { } public Many(string a) { } }
        public class Converted { [JsonConverter(typeof(JsonStringEnumConverter))] public int A { get; set; } }
        public class Deep<T> { public Deep<List<T>>? Next { get; set; } }
        public class Holder<T> { public T? Value { get; set; } }
        """;

    private static readonly string[] Names =
    [
        "string", "int", "long?", "bool", "double", "decimal", "Guid?", "DateTime", "System.TimeSpan?", "Kind", "Kind?", "Flags", "Flags?", "object", "byte[]",
        "string[]", "List<int?>", "Dictionary<string, int>", "IReadOnlyList<string>", "IEnumerable<Kind>", "HashSet<string>", "int[][]",
        "Ticket", "Line", "Chain", "Tree", "Derived", "Point", "Point?", "Plain", "Two", "Chosen", "Generic<int>", "List<Ticket>", "Dictionary<string, Ticket[]>",
        "Everything", "Old", "Twice", "Link", "List<List<int>>",
    ];

    private static readonly (Compilation Compilation, Assembly? Assembly) Compiled = Compile(Types);

    public static TheoryData<string> Written => [.. Names];

    [Theory]
    [MemberData(nameof(Written))]
    public void A_type_has_the_schema_the_run_time_makes(string name)
    {
        var (symbol, type) = Find(Compiled, name);
        var schema = JsonSchemaWriter.Of(symbol).ShouldNotBeNull();
        var expected = JsonNode.Parse(AIJsonUtilities.CreateJsonSchema(type).GetRawText());
        JsonNode.DeepEquals(JsonNode.Parse(schema), expected).ShouldBeTrue($"{schema}\nshould be\n{expected?.ToJsonString()}");
    }

    [Theory]
    [InlineData("Shape")]
    [InlineData("Abstract")]
    [InlineData("IThing")]
    [InlineData("Many")]
    [InlineData("Converted")]
    [InlineData("Deep<int>")]
    [InlineData("(int, string)")]
    [InlineData("System.Version")]
    [InlineData("Action")]
    [InlineData("KeyValuePair<string, int>")]
    [InlineData("Dictionary<int, string>")]
    public void What_only_the_serializer_knows_has_none(string name) =>
        JsonSchemaWriter.Of(Find((TestCompilation.Create(Unknown + Probe(name)), null), name).Symbol).ShouldBeNull();

    private static string Probe(string name) => $"public class Probe {{ public {name} Value = default!; }}";

    private static (ITypeSymbol Symbol, Type Type) Find((Compilation Compilation, Assembly? Assembly) compiled, string name)
    {
        if (compiled.Assembly is null)
            return (Field(compiled.Compilation, "Probe"), typeof(object));
        var number = Array.IndexOf(Names, name);
        return (Field(compiled.Compilation, "Probe" + number), compiled.Assembly.GetType("Probe" + number)!.GetField("Value")!.FieldType);
    }

    private static ITypeSymbol Field(Compilation compilation, string type) =>
        ((IFieldSymbol)compilation.GetTypesByMetadataName(type).Single().GetMembers("Value").Single()).Type;

    private static (Compilation, Assembly) Compile(string source)
    {
        var probes = Names.Select((name, number) => $"public class Probe{number} {{ public {name} Value = default!; }}");
        var compilation = TestCompilation.Create(source + "\n#nullable enable\n" + string.Join("\n", probes));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        result.Success.ShouldBeTrue(string.Join("\n", result.Diagnostics));
        return (compilation, Assembly.Load(image.ToArray()));
    }
}

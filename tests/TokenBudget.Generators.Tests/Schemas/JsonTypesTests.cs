using System.Reflection;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.Extensions.AI;
using TokenBudget.Generators.Schemas;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Schemas;

/// <summary>What the build says of a type is what the serializer does with it: nothing refused that works, nothing let through that fails.</summary>
public sealed class JsonTypesTests
{
    private const string Types = """
        using System.Collections;
        using System.Collections.Concurrent;
        using System.Collections.Frozen;
        using System.Collections.Immutable;
        using System.Collections.ObjectModel;
        using System.IO;
        using System.Text.Json;
        using System.Text.Json.Nodes;
        using System.Text.Json.Serialization;

        public enum Kind { Bug, Question }
        public record Line(int A, string? B = null);
        public record struct Point(int X, int? Y);
        public readonly struct Immutable { public Immutable(int x) => X = x; public int X { get; } }
        public readonly struct Marked { [JsonConstructor] public Marked(int x) => X = x; public int X { get; } }
        public struct Fields { public int X; }
        public struct Included { [JsonInclude] public int X; }
        public class Plain { public int X { get; set; } public string Text => "t" + X; }
        public class Initialised { public required int X { get; init; } }
        public class Private { public int X { get; private set; } }
        public class PrivateIncluded { [JsonInclude] public int X { get; private set; } }
        public class HiddenIncluded { [JsonInclude] internal int X { get; set; } }
        public class ReadOnly { public int X { get; } = 1; }
        public class ReadOnlyField { public readonly int X = 1; }
        public class Populated { [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)] public List<int> X { get; } = []; }
        public class NotPopulated { public List<int> X { get; } = []; }
        [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)] public class AllPopulated { public List<int> X { get; } = []; }
        public sealed record Empty;
        public class TwoConstructors { public TwoConstructors(int x) => X = x; public TwoConstructors(string x) => X = x.Length; public int X { get; } }
        public class NoConstructor { private NoConstructor(int x) => X = x; public int X { get; set; } public static NoConstructor Of(int x) => new(x); }
        public class Factory { [JsonConstructor] private Factory(int x) => X = x; public int X { get; } }
        public class ManyMarked { [JsonConstructor] public ManyMarked(int x) => X = x; [JsonConstructor] public ManyMarked() { } public int X { get; set; } }
        public class Unbound(int other) { public int X { get; set; } = other; }
        public class OtherType(long x) { public int X { get; set; } = (int)x; }
        public class NullableType(int? x) { public int X { get; set; } = x ?? 0; }
        public class IgnoredParameter(int x, int y) { public int X { get; } = x; [JsonIgnore] public int Y { get; } = y; }
        public class HiddenParameter(int x, int y) { public int X { get; } = x; internal int Y { get; } = y; }
        public class FieldParameter { public FieldParameter(int x, int y) { X = x; Y = y; } public int X { get; } public int Y; }
        public class InParameter { public InParameter(in int x) => X = x; public int X { get; } }
        public class Colliding { public int Value { get; set; } public int value { get; set; } }
        public class Renamed { public int Value { get; set; } [JsonPropertyName("VALUE")] public int Other { get; set; } }
        public class CollidingIgnored { public int Value { get; set; } [JsonIgnore] public int value { get; set; } }
        public class Base { public virtual int X { get; set; } public Stream? Held { get; set; } }
        public class Derived : Base { public override int X { get; set; } public int Y { get; set; } }
        public class Shadowing : Plain { public new string X { get; set; } = ""; }
        public abstract class Abstract { public int X { get; set; } }
        public interface IThing { int X { get; set; } }
        [JsonDerivedType(typeof(Circle), "circle")] public abstract record Shape;
        public sealed record Circle(int R) : Shape;
        [JsonDerivedType(typeof(Unnamed2))] public abstract record Unnamed;
        public sealed record Unnamed2(int R) : Unnamed;
        [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind"), JsonDerivedType(typeof(Dog), "dog")] public interface IAnimal;
        public sealed record Dog(int Legs) : IAnimal;
        [JsonDerivedType(typeof(Boat), "boat")] public record Vehicle(int Wheels);
        public sealed record Boat(int Wheels, Stream? Hull) : Vehicle(Wheels);
        [JsonConverter(typeof(Converter))] public sealed class Converted { internal int X = 0; }
        [JsonConverter(typeof(Converter2))] public interface IConverted;
        public class HoldsConverted { [JsonConverter(typeof(Converter3))] public Stream? X { get; set; } }
        public sealed class Converter : JsonConverter<Converted>
        {
            public override Converted Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => new() { X = reader.GetInt32() };
            public override void Write(Utf8JsonWriter writer, Converted value, JsonSerializerOptions options) => writer.WriteNumberValue(value.X);
        }
        public sealed class Converter2 : JsonConverter<IConverted>
        {
            private sealed class One : IConverted;
            public override IConverted Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) { reader.GetInt32(); return new One(); }
            public override void Write(Utf8JsonWriter writer, IConverted value, JsonSerializerOptions options) => writer.WriteNumberValue(1);
        }
        public sealed class Converter3 : JsonConverter<Stream>
        {
            public override Stream Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) { reader.GetInt32(); return Stream.Null; }
            public override void Write(Utf8JsonWriter writer, Stream value, JsonSerializerOptions options) => writer.WriteNumberValue(1);
        }
        public class Extended { public int X { get; set; } [JsonExtensionData] public Dictionary<string, JsonElement>? Rest { get; set; } }
        public class OnlyExtended { [JsonExtensionData] public Dictionary<string, JsonElement>? Rest { get; set; } }
        public record HoldsTuple((int, string) Pair);
        public record HoldsStream(int A, Stream? Data);
        public record HoldsAction(int A, Action? Run);
        public record HoldsType(int A, Type? Type);
        public record HoldsThing(IThing? Thing);
        public record HoldsIgnored(int A) { [JsonIgnore] public Stream? Data { get; set; } }
        public record HoldsNever(int A) { [JsonIgnore(Condition = JsonIgnoreCondition.Always)] public Stream? Data { get; set; } }
        public record HoldsUnread(int A) { [JsonIgnore(Condition = JsonIgnoreCondition.WhenReading)] public Stream? Data { get; set; } }
        public record HoldsUnwritten(int A) { [JsonIgnore(Condition = JsonIgnoreCondition.WhenWriting)] public Stream? Data { get; set; } }
        public record HoldsComputed(int A) { public Type Type => GetType(); }
        public record HoldsSpan(int A) { public ReadOnlySpan<char> Text => "a"; }
        public class HoldsRef { private int _x; public int A { get; set; } public ref int X => ref _x; }
        public record HoldsUri(Uri? A, Version? B = null);
        public record HoldsIndexer(int A) { public Stream this[int i] => Stream.Null; public static Stream Static => Stream.Null; }
        public record HoldsExplicit(int A) : IHasStream { Stream IHasStream.Data => Stream.Null; }
        public interface IHasStream { Stream Data { get; } }
        public class Tree { public List<Tree>? Children { get; set; } public Tree? Left { get; set; } }
        public class Deep<T> { public Deep<List<T>>? Next { get; set; } public int X { get; set; } }
        public record Generic<T>(T Value);
        public class Numbers : List<int>;
        public class OwnList : ICollection<int>
        {
            private readonly List<int> _items = [];
            public int Count => _items.Count; public bool IsReadOnly => false; public void Add(int item) => _items.Add(item); public void Clear() => _items.Clear();
            public bool Contains(int item) => false; public void CopyTo(int[] array, int at) { } public bool Remove(int item) => false;
            public IEnumerator<int> GetEnumerator() => _items.GetEnumerator(); IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
        }
        public class OwnListOf(int size) : List<int>(size);
        public class Sequence : IEnumerable<int> { public IEnumerator<int> GetEnumerator() { yield return 1; } IEnumerator IEnumerable.GetEnumerator() => GetEnumerator(); }
        public class AsyncSequence : IAsyncEnumerable<int> { public async IAsyncEnumerator<int> GetAsyncEnumerator(CancellationToken token = default) { await Task.Yield(); yield return 1; } }
        """;

    /// <summary>A type, and what a model may answer for it.</summary>
    private static readonly (string Type, string Json)[] Answers =
    [
        ("int", "1"), ("int?", "1"), ("string", "\"a\""), ("char", "\"a\""), ("bool", "true"), ("decimal", "1.5"), ("Half", "1.5"), ("Int128", "1"), ("UInt128", "1"), ("byte[]", "\"AQ==\""),
        ("Guid", "\"a3f1c1de-0000-4000-8000-000000000001\""), ("Uri", "\"https://a.b/\""), ("Version", "\"1.2\""), ("DateTime", "\"2026-02-01T00:00:00Z\""), ("DateTimeOffset", "\"2026-02-01T00:00:00+00:00\""),
        ("DateOnly", "\"2026-02-01\""), ("TimeOnly", "\"10:20:00\""), ("TimeSpan", "\"10:20:00\""), ("Kind", "\"Bug\""), ("Kind?", "\"Bug\""), ("object", "{\"a\":1}"), ("dynamic", "{\"a\":1}"),
        ("JsonElement", "{\"a\":1}"), ("JsonDocument", "{\"a\":1}"), ("JsonNode", "{\"a\":1}"), ("JsonObject", "{\"a\":1}"), ("JsonArray", "[1]"), ("JsonValue", "1"),
        ("nint", "1"), ("nuint", "1"), ("System.Numerics.BigInteger", "{\"sign\":1}"), ("System.Numerics.Complex", "{\"real\":1}"), ("System.Numerics.Vector3", "{\"x\":1}"), ("Index", "{\"value\":1}"), ("Range", "{\"start\":{\"value\":1}}"),
        ("(int, string)", "{\"item1\":1,\"item2\":\"a\"}"), ("(int A, string B)[]", "[{\"a\":1}]"), ("ValueTuple<int>", "{\"item1\":1}"), ("Tuple<int, string>", "{\"item1\":1,\"item2\":\"a\"}"), ("KeyValuePair<string, int>", "{\"key\":\"a\",\"value\":1}"),
        ("KeyValuePair<string, Stream>", "{\"key\":\"a\",\"value\":{}}"), ("Memory<byte>", "\"AQ==\""), ("ReadOnlyMemory<byte>", "\"AQ==\""), ("Memory<int>", "[1]"), ("ReadOnlyMemory<Line>", "[{\"a\":1}]"), ("Memory<Stream>", "[{}]"),
        ("IFormattable", "1"), ("IDisposable", "{}"), ("IThing", "{\"x\":1}"), ("Abstract", "{\"x\":1}"), ("Stream", "{}"), ("Type", "\"int\""), ("MethodInfo", "\"a\""), ("Action", "{}"), ("Func<int>", "1"), ("Delegate", "{}"), ("MulticastDelegate", "{}"),
        ("Task", "{}"), ("Task<string>", "{}"), ("ValueTask<int>", "{\"result\":1}"), ("Lazy<int>", "{\"value\":1}"), ("System.Net.IPAddress", "{\"address\":1}"),
        ("System.Globalization.CultureInfo", "{\"name\":\"de\"}"), ("System.Net.Mail.MailAddress", "{\"address\":\"a@b.c\"}"), ("TimeZoneInfo", "{\"id\":\"UTC\"}"), ("System.Text.Encoding", "{}"), ("IServiceProvider", "{}"), ("IProgress<int>", "{}"),
        ("Line", "{\"a\":1,\"b\":\"x\"}"), ("Point", "{\"x\":1,\"y\":2}"), ("Point?", "{\"x\":1,\"y\":2}"), ("Immutable", "{\"x\":1}"), ("Marked", "{\"x\":1}"), ("Fields", "{\"x\":1}"), ("Included", "{\"x\":1}"), ("Plain", "{\"x\":1}"), ("Initialised", "{\"x\":1}"),
        ("Private", "{\"x\":1}"), ("PrivateIncluded", "{\"x\":1}"), ("HiddenIncluded", "{\"x\":1}"), ("ReadOnly", "{\"x\":2}"), ("ReadOnlyField", "{\"x\":2}"), ("Populated", "{\"x\":[1]}"), ("NotPopulated", "{\"x\":[1]}"), ("AllPopulated", "{\"x\":[1]}"), ("Empty", "{}"),
        ("TwoConstructors", "{\"x\":1}"), ("NoConstructor", "{\"x\":1}"), ("Factory", "{\"x\":1}"), ("ManyMarked", "{\"x\":1}"), ("Unbound", "{\"x\":1}"), ("OtherType", "{\"x\":1}"), ("NullableType", "{\"x\":1}"), ("IgnoredParameter", "{\"x\":1}"),
        ("HiddenParameter", "{\"x\":1}"), ("FieldParameter", "{\"x\":1}"), ("InParameter", "{\"x\":1}"), ("Colliding", "{\"value\":1}"), ("Renamed", "{\"value\":1}"), ("CollidingIgnored", "{\"value\":1}"), ("Base", "{\"x\":1,\"held\":{}}"),
        ("Derived", "{\"y\":1,\"held\":{}}"), ("Shadowing", "{\"x\":\"a\"}"), ("Shape", "{\"$type\":\"circle\",\"r\":1}"), ("Circle", "{\"r\":1}"), ("Unnamed", "{\"r\":1}"), ("IAnimal", "{\"kind\":\"dog\",\"legs\":4}"), ("Vehicle", "{\"$type\":\"boat\",\"wheels\":1,\"hull\":{}}"),
        ("Converted", "1"), ("IConverted", "1"), ("HoldsConverted", "{\"x\":1}"), ("Extended", "{\"x\":1,\"more\":2}"), ("OnlyExtended", "{\"more\":2}"), ("HoldsTuple", "{\"pair\":{\"item1\":1}}"), ("HoldsStream", "{\"a\":1,\"data\":{}}"),
        ("HoldsAction", "{\"a\":1,\"run\":{}}"), ("HoldsType", "{\"a\":1,\"type\":\"int\"}"), ("HoldsThing", "{\"thing\":{}}"), ("HoldsIgnored", "{\"a\":1}"), ("HoldsNever", "{\"a\":1}"), ("HoldsUnread", "{\"a\":1}"), ("HoldsUnwritten", "{\"a\":1,\"data\":{}}"),
        ("HoldsComputed", "{\"a\":1}"), ("HoldsSpan", "{\"a\":1}"), ("HoldsUri", "{\"a\":\"https://a.b/\"}"), ("HoldsRef", "{\"a\":1}"), ("HoldsIndexer", "{\"a\":1}"), ("HoldsExplicit", "{\"a\":1}"), ("Tree", "{\"children\":[{\"left\":{}}]}"), ("Generic<Line>", "{\"value\":{\"a\":1}}"), ("Generic<Stream>", "{\"value\":{}}"),
        ("int[]", "[1]"), ("int[][]", "[[1]]"), ("int[,]", "[[1]]"), ("Stream[]", "[{}]"), ("List<Line>", "[{\"a\":1}]"), ("IEnumerable<int>", "[1]"), ("ICollection<int>", "[1]"), ("IList<int>", "[1]"), ("IReadOnlyCollection<int>", "[1]"), ("IReadOnlyList<int>", "[1]"),
        ("ISet<int>", "[1]"), ("IReadOnlySet<int>", "[1]"), ("HashSet<int>", "[1]"), ("SortedSet<int>", "[1]"), ("LinkedList<int>", "[1]"), ("Queue<int>", "[1]"), ("Stack<int>", "[1]"), ("ConcurrentQueue<int>", "[1]"), ("ConcurrentStack<int>", "[1]"), ("ConcurrentBag<int>", "[1]"),
        ("BlockingCollection<int>", "[1]"), ("PriorityQueue<int, int>", "[1]"), ("Collection<int>", "[1]"), ("ObservableCollection<int>", "[1]"), ("ReadOnlyCollection<int>", "[1]"), ("ArraySegment<int>", "[1]"), ("ImmutableArray<int>", "[1]"), ("ImmutableList<int>", "[1]"),
        ("IImmutableList<int>", "[1]"), ("ImmutableHashSet<int>", "[1]"), ("ImmutableQueue<int>", "[1]"), ("ImmutableStack<int>", "[1]"), ("ImmutableSortedSet<int>", "[1]"), ("IImmutableSet<int>", "[1]"), ("FrozenSet<int>", "[1]"), ("IQueryable<int>", "[1]"), ("IOrderedEnumerable<int>", "[1]"),
        ("ILookup<string, int>", "[[1]]"), ("IAsyncEnumerable<int>", "[1]"), ("AsyncSequence", "[1]"), ("Numbers", "[1]"), ("OwnList", "[1]"), ("OwnListOf", "[1]"), ("Sequence", "[1]"), ("IEnumerable", "[1]"), ("ICollection", "[1]"), ("IList", "[1]"), ("ArrayList", "[1]"), ("BitArray", "[true]"), ("Stack", "[1]"), ("Queue", "[1]"), ("Array", "[1]"),
        ("Dictionary<string, int>", "{\"a\":1}"), ("IDictionary<string, int>", "{\"a\":1}"), ("IReadOnlyDictionary<string, int>", "{\"a\":1}"), ("SortedDictionary<string, int>", "{\"a\":1}"), ("SortedList<string, int>", "{\"a\":1}"), ("ConcurrentDictionary<string, int>", "{\"a\":1}"),
        ("ReadOnlyDictionary<string, int>", "{\"a\":1}"), ("FrozenDictionary<string, int>", "{\"a\":1}"), ("ImmutableDictionary<string, int>", "{\"a\":1}"), ("IImmutableDictionary<string, int>", "{\"a\":1}"), ("ImmutableSortedDictionary<string, int>", "{\"a\":1}"), ("IDictionary", "{\"a\":1}"), ("Hashtable", "{\"a\":1}"),
        ("System.Dynamic.ExpandoObject", "{\"a\":1}"), ("System.Collections.Specialized.NameValueCollection", "{\"a\":\"b\"}"), ("Dictionary<int, int>", "{\"1\":1}"), ("Dictionary<Kind, int>", "{\"Bug\":1}"), ("Dictionary<Guid, int>", "{\"a3f1c1de-0000-4000-8000-000000000001\":1}"),
        ("Dictionary<DateOnly, int>", "{\"2026-02-01\":1}"), ("Dictionary<Uri, int>", "{\"https://a.b/\":1}"), ("Dictionary<Version, int>", "{\"1.2\":1}"), ("Dictionary<bool, int>", "{\"True\":1}"), ("Dictionary<decimal, int>", "{\"1.5\":1}"), ("Dictionary<Half, int>", "{\"1.5\":1}"), ("Dictionary<TimeSpan, int>", "{\"10:20:00\":1}"),
        ("Dictionary<Line, int>", "{\"a\":1}"), ("Dictionary<(int, int), int>", "{\"a\":1}"), ("Dictionary<object, int>", "{\"a\":1}"), ("Dictionary<string, Stream>", "{\"a\":{}}"), ("Dictionary<string, object>", "{\"a\":1}"), ("Dictionary<nint, int>", "{\"1\":1}"),
        ("ChatMessage", "{\"role\":\"user\",\"contents\":[{\"$type\":\"text\",\"text\":\"a\"}]}"), ("AIContent", "{\"$type\":\"text\",\"text\":\"a\"}"), ("UsageDetails", "{\"inputTokenCount\":1}"), ("AIFunction", "{}"),
    ];

    /// <summary>A type, and a value of it.</summary>
    private static readonly (string Type, string Value)[] Results =
    [
        ("int", "1"), ("string[]", "[\"a\"]"), ("object", "new Line(1)"), ("Line", "new(1)"), ("Empty", "new()"), ("(int, string)", "(1, \"a\")"), ("(int, string)[]", "[(1, \"a\")]"), ("HoldsTuple", "new((1, \"a\"))"), ("Fields", "new() { X = 1 }"), ("Immutable", "new(1)"),
        ("ReadOnly", "new()"), ("ReadOnlyField", "new()"), ("Private", "new()"), ("TwoConstructors", "new(1)"), ("NoConstructor", "NoConstructor.Of(1)"), ("Unbound", "new(1)"), ("Type", "typeof(int)"), ("HoldsType", "new(1, typeof(int))"), ("HoldsComputed", "new(1)"),
        ("HoldsUnread", "new(1) { Data = new MemoryStream() }"), ("HoldsUnwritten", "new(1) { Data = new MemoryStream() }"), ("HoldsAction", "new(1, () => { })"), ("Action", "() => { }"), ("nint", "1"), ("int[,]", "new int[1, 1]"), ("IFormattable", "1"), ("IThing", "null!"), ("Abstract", "null!"),
        ("Shape", "new Circle(1)"), ("Converted", "new()"), ("HoldsConverted", "new() { X = Stream.Null }"), ("FrozenSet<int>", "FrozenSet.ToFrozenSet([1])"), ("IQueryable<int>", "new[] { 1 }.AsQueryable()"), ("Sequence", "new()"), ("ReadOnlyCollection<int>", "new([1])"), ("ILookup<string, int>", "new[] { 1 }.ToLookup(i => \"a\")"),
        ("IAsyncEnumerable<int>", "new AsyncSequence()"), ("Dictionary<Line, int>", "new() { [new(1)] = 1 }"), ("Dictionary<int, Type>", "new() { [1] = typeof(int) }"), ("Tuple<int, int>", "new(1, 2)"), ("Exception", "Thrown.Of()"), ("CancellationToken", "new CancellationTokenSource().Token"),
        ("Lazy<int>", "new(() => 1)"), ("List<object>", "[new Line(1)]"), ("HoldsSpan", "new(1)"), ("HoldsRef", "new()"), ("System.Numerics.Vector3", "new(1, 2, 3)"), ("IHasStream", "new HoldsExplicit(1)"), ("HoldsExplicit", "new(1)"),
    ];

    private static readonly Compilation Compiled = Compile();

    private static readonly Lazy<Assembly> Loaded = new(static () =>
    {
        using var image = new MemoryStream();
        var result = Compiled.Emit(image);
        result.Success.ShouldBeTrue(string.Join("\n", result.Diagnostics));
        return Assembly.Load(image.ToArray());
    });

    public static TheoryData<string> AnswerTypes => [.. Answers.Select(static row => row.Type)];

    public static TheoryData<string> ResultTypes => [.. Results.Select(static row => row.Type)];

    [Theory]
    [MemberData(nameof(AnswerTypes))]
    public void What_is_read_is_what_the_serializer_reads(string type)
    {
        var number = Array.FindIndex(Answers, row => row.Type == type);
        var field = Loaded.Value.GetType("Answer" + number)!.GetField("Value")!;
        Agree(JsonTypes.ProblemOf(TypeOf("Answer" + number), JsonDirection.Read), Reading(field.FieldType, Answers[number].Json));
    }

    [Theory]
    [MemberData(nameof(ResultTypes))]
    public void What_is_written_is_what_the_serializer_writes(string type)
    {
        var number = Array.FindIndex(Results, row => row.Type == type);
        var field = Loaded.Value.GetType("Result" + number)!.GetField("Value")!;
        Agree(JsonTypes.ProblemOf(TypeOf("Result" + number), JsonDirection.Write), Writing(field.FieldType, field.GetValue(null)));
    }

    /// <summary>The serializer does not end here: it makes one type after the other.</summary>
    [Fact]
    public void A_type_that_grows_with_every_level_is_refused() =>
        JsonTypes.ProblemOf(TypeOf("Endless"), JsonDirection.Read).ShouldNotBeNull().ShouldContain("without an end");

    private static void Agree(string? build, string? runTime) => (build is null).ShouldBe(runTime is null, $"build: {build ?? "fine"}; serializer: {runTime ?? "fine"}");

    /// <summary>Why an answer cannot be read, or is lost; null, when it can.</summary>
    private static string? Reading(Type type, string json)
    {
        object? value;
        try
        {
            AIJsonUtilities.CreateJsonSchema(type);
            value = JsonSerializer.Deserialize(json, AIJsonUtilities.DefaultOptions.GetTypeInfo(type));
        }
        catch (Exception exception)
        {
            return exception.Message;
        }

        try
        {
            var written = JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(type));
            using var given = JsonDocument.Parse(json);
            return Holds(written, given.RootElement) ? null : $"{json} was read as {written}";
        }
        catch (NotSupportedException)
        {
            // What was read is there, and nobody asks to write it.
            return null;
        }
    }

    private static string? Writing(Type type, object? value)
    {
        try
        {
            var written = JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(type));
            return written.Contains("{}", StringComparison.Ordinal) && type.Name != "Empty" ? "it is lost" : null;
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
    }

    private static bool Holds(JsonElement whole, JsonElement part) => part.ValueKind switch
    {
        JsonValueKind.Object => whole.ValueKind == JsonValueKind.Object && part.EnumerateObject().All(property => whole.TryGetProperty(property.Name, out var value) && Holds(value, property.Value)),
        JsonValueKind.Array => whole.ValueKind == JsonValueKind.Array && whole.GetArrayLength() == part.GetArrayLength() && whole.EnumerateArray().Zip(part.EnumerateArray()).All(static pair => Holds(pair.First, pair.Second)),
        _ => JsonElement.DeepEquals(whole, part),
    };

    private static ITypeSymbol TypeOf(string probe) => ((IFieldSymbol)Compiled.GetTypesByMetadataName(probe).Single().GetMembers("Value").Single()).Type;

    private static Compilation Compile()
    {
        var probes = Answers.Select(static (row, number) => $"public class Answer{number} {{ public {row.Type} Value = default!; }}")
            .Concat(Results.Select(static (row, number) => $"public class Result{number} {{ public static {row.Type} Value = {row.Value}; }}"))
            .Append("public class Endless { public Deep<int> Value = default!; }")
            .Append("public static class Thrown { public static Exception Of() { try { throw new InvalidOperationException(); } catch (Exception exception) { return exception; } } }");
        return TestCompilation.Create($"using System.Reflection;\n{Types}\n{string.Join("\n", probes)}");
    }
}

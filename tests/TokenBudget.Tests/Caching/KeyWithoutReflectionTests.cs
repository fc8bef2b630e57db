using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;

namespace TokenBudget.Tests.Caching;

/// <summary>A process without reflection and one with it find each other's answers.</summary>
public sealed class KeyWithoutReflectionTests
{
    private static readonly JsonSerializerOptions WithoutReflection = Without(null);

    public static TheoryData<object> Values =>
    [
        true, 'x', (sbyte)-1, (byte)1, (short)-2, (ushort)2, -3, 3u, -4L, 4UL, 1.5f, 0.1, 1.50m, "text", new DateTime(2026, 2, 1, 3, 4, 5, DateTimeKind.Utc), new DateTimeOffset(2026, 2, 1, 3, 4, 5, TimeSpan.FromHours(1)),
        new DateOnly(2026, 2, 1), new TimeOnly(1, 2, 3), TimeSpan.FromSeconds(90), new Guid("a3f1c1de-0000-4000-8000-000000000001"), new Uri("https://example.com/a?b"), new Version(1, 2), new byte[] { 1, 2 }, new[] { 1 },
        new[] { "a<" }, new List<int> { 1 }, new List<string> { "ä" }, DayOfWeek.Friday, FileAccess.ReadWrite, AttributeTargets.Class | AttributeTargets.Enum,
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public void A_plain_value_has_the_same_key(object value) => Key(value, WithoutReflection).ShouldBe(Key(value, UsualJson.Options));

    [Fact]
    public void A_list_is_written_as_it_is_declared_where_nobody_knows_what_it_is()
    {
        var json = Without(OwnJson.Default);
        IReadOnlyList<Line> lines = new Queue<Line>([new Line("a", 1)]).ToList().AsReadOnly();
        Key(lines, json, typeof(IReadOnlyList<Line>)).ShouldBe(Key(lines, UsualJson.Options));
        ReasonOf(lines, json, typeof(object)).ShouldNotBeNull().ShouldContain("add it to one, and name that by [JsonContext]");
    }

    [Fact]
    public void A_type_of_a_context_has_the_same_key_as_by_reflection()
    {
        var line = new Line("a", 1);
        Key(line, Without(OwnJson.Default)).ShouldBe(Key(line, UsualJson.Options));
        Key(line, Without(OwnJson.Default)).ShouldNotBe(Key(line with { Count = 2 }, Without(OwnJson.Default)));
        ReasonOf(line, WithoutReflection, typeof(Line)).ShouldNotBeNull();
    }

    private static CacheKey Key(object value, JsonSerializerOptions json, Type? declared = null)
    {
        using var builder = new CacheKeyBuilder();
        builder.AddValue("x", value, declared ?? typeof(object), json);
        return builder.Build();
    }

    private static string? ReasonOf(object value, JsonSerializerOptions json, Type declared)
    {
        using var builder = new CacheKeyBuilder();
        builder.AddValue("x", value, declared, json);
        return builder.NotCacheableReason;
    }

    /// <summary>The options as they are in a program without reflection: no enums by name, and nothing found out at run time.</summary>
    private static JsonSerializerOptions Without(IJsonTypeInfoResolver? context)
    {
        var options = new JsonSerializerOptions(UsualJson.With(context));
        for (var i = options.TypeInfoResolverChain.Count - 1; i >= 0; i--)
            if (options.TypeInfoResolverChain[i] is DefaultJsonTypeInfoResolver)
                options.TypeInfoResolverChain.RemoveAt(i);
        options.Converters.Clear();
        options.MakeReadOnly();
        return options;
    }
}

internal sealed record Line(string Article, int Count);

[JsonSerializable(typeof(Line))]
[JsonSerializable(typeof(IReadOnlyList<Line>))]
internal sealed partial class OwnJson : JsonSerializerContext;

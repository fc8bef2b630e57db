using System.Text.Json;
using TokenBudget.Generators.Contracts;

namespace TokenBudget.Generators.Tests.Contracts;

public sealed class JsonTreeTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData(" [1, -2.5, 10, true, false, null, \"a\\u0041\\n\\\"\"] ")]
    [InlineData("""{"a":{"b":[{"c":[]},{}]},"d":""}""")]
    public void Reads_what_the_framework_reads(string json) => Write(JsonTree.Read(json)).ShouldBe(JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1,]")]
    [InlineData("[1 2]")]
    [InlineData("{\"a\" 1}")]
    [InlineData("\"a")]
    [InlineData("\"\\u00G0\"")]
    [InlineData("\"\\")]
    [InlineData("tru")]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData("1.")]
    [InlineData("-")]
    [InlineData("\"\u0001\"")]
    [InlineData("1e9999")]
    [InlineData("{} x")]
    public void Refuses_what_is_no_json(string text) => Should.Throw<FormatException>(() => JsonTree.Read(text));

    [Fact]
    public void Depth_is_bounded() => Should.Throw<FormatException>(() => JsonTree.Read(new string('[', 100_000)));

    [Fact]
    public void No_part_of_an_object_is_taken_for_the_whole()
    {
        const string Json = """{"models":[{"id":"a\n","prices":[{"input":12,"from":"2026-01-01"}]},true,null,-1.5]}""";
        for (var length = 0; length < Json.Length; length++)
            Should.Throw<FormatException>(() => JsonTree.Read(Json[..length]));
    }

    private static string Write(object? value) => JsonSerializer.Serialize(value);
}

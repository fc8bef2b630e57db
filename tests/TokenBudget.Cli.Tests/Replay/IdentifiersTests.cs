using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Cli.Replay;

namespace TokenBudget.Cli.Tests.Replay;

public sealed class IdentifiersTests
{
    [Theory]
    [InlineData("Look at src/main.c, then stop.", "src/main.c")]
    [InlineData("order W1234 of 2024-05-15", "W1234", "2024-05-15")]
    [InlineData("maxTokens max_tokens Max HELLO Hello", "maxTokens", "max_tokens")]
    [InlineData("It ends here... and pandas.read goes on.", "pandas.read")]
    [InlineData("a.b x_1 v2 /a e.g.")]
    [InlineData("flight HAT023! (HAT023)", "HAT023")]
    [InlineData("--max-tokens well-known")]
    [InlineData("naïveCafé über_alles", "naïveCafé", "über_alles")]
    [InlineData("")]
    public void Words_that_name_something_are_found(string text, params string[] expected)
    {
        var found = new HashSet<string>();

        Identifiers.Collect(text, found);

        found.ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public void Calls_and_results_count_with_names_and_values_but_without_ids()
    {
        var arguments = JsonElement.Parse("""{"user_id":"first mia_li_3668","legs":[{"flight":"HAT023"},12345,true,null]}""");
        var call = new FunctionCallContent("call_0001", "get_user", arguments.EnumerateObject().ToDictionary(static entry => entry.Name, static entry => (object?)entry.Value));

        Identifiers.Of(new ChatMessage(ChatRole.Assistant, [new TextContent("I look at file.txt"), call]))
            .ShouldBe(["file.txt", "get_user", "user_id", "mia_li_3668", "HAT023", "12345"], ignoreOrder: true);
        Identifiers.Of(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_0001", "found mia_li_3668")])).ShouldBe(["mia_li_3668"]);
    }
}

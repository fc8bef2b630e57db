using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>The simulator's own way of counting.</summary>
public sealed class TokenRuleTests
{
    private const int Bound = Simulation.Bound;

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1)]
    [InlineData("abc", 1)]
    [InlineData("abcd", 2)]
    [InlineData("äöü", 2)]
    [InlineData("日本語", 3)]
    [InlineData("🙂", 2)]
    public void A_text_counts_its_bytes(string text, int tokens) => SimulatedTokenRule.Count(text).ShouldBe(tokens);

    [Fact]
    public void Exactly_the_bytes_of_ten_tokens_are_ten_tokens()
    {
        SimulatedTokenRule.FromUtf8Bytes(37).ShouldBe(10);
        SimulatedTokenRule.FromUtf8Bytes(38).ShouldBe(11);
        SimulatedTokenRule.FromUtf8Bytes(37_000_000).ShouldBe(10_000_000);
    }

    [Fact]
    public void A_prefix_fits_and_is_the_longest_that_does()
    {
        const string Text = "aä日🙂aä日🙂aä日🙂aä日🙂";
        for (var tokens = 0; tokens < 12; tokens++)
        {
            var prefix = SimulatedTokenRule.Take(Text, tokens);
            SimulatedTokenRule.Count(prefix).ShouldBeLessThanOrEqualTo(tokens);
            Text.ShouldStartWith(prefix);
            if (prefix.Length == Text.Length)
                continue;
            var longer = Text[..(prefix.Length + (char.IsHighSurrogate(Text[prefix.Length]) ? 2 : 1))];
            SimulatedTokenRule.Count(longer).ShouldBeGreaterThan(tokens);
        }
    }

    [Fact(Timeout = Bound)]
    public async Task Tools_calls_results_and_images_are_counted()
    {
        await using var simulation = await Simulation.StartAsync();
        var image = new string('A', 4_000);
        await simulation.AskAsync(Ask("""{"role":"user","content":"Hi"}"""));
        await simulation.AskAsync(Ask($$$$"""{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{{{image}}}}"}},{"type":"text","text":"Hi"}]}"""));
        await simulation.AskAsync(Ask(
            """{"role":"user","content":"Hi"}""",
            """{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"look","input":{"at":"sun"}}]}""",
            """{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"bright"}]}"""));

        var tool = SimulatedTokenRule.TokensOfToolPrompt + SimulatedTokenRule.TokensPerTool + SimulatedTokenRule.Count("""{"name":"look","input_schema":{"cache_control":{}}}""");
        simulation.Provider.Log.Select(exchange => exchange.PromptTokens).ShouldBe(
        [
            tool + 9,
            tool + 9 + 3 + (3_000 / 64),
            // "look" 2 and {"at":"sun"} 4, the result's own block 3 and "bright" 2.
            tool + 9 + (5 + 3 + 2 + 4) + (5 + 3 + 3 + 2),
        ]);

        static string Ask(params string[] messages) =>
            $$$$"""{"model":"{{{{Simulation.Sonnet}}}}","max_tokens":9,"tools":[{"name":"look", "input_schema":{"cache_control":{}}}],"messages":[{{{{string.Join(',', messages)}}}}]}""";
    }

    [Fact]
    public void Arguments_that_are_no_object_are_refused_when_the_reply_is_made()
    {
        Should.Throw<ArgumentException>(() => SimulatedReply.ToolCall("toolu_1", "look", "{"));
        Should.Throw<ArgumentException>(() => SimulatedReply.ToolCall("toolu_1", "look", "[1]"));
        Should.Throw<ArgumentException>(() => SimulatedReply.Of(new SimulatedToolResultBlock("toolu_1", "x", false)));
    }

    [Theory]
    [InlineData("Hello 🙂 and a rather long text that needs more than one piece of the stream 🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂")]
    [InlineData("")]
    [InlineData("short")]
    public void Pieces_add_up_to_the_block(string text)
    {
        var block = new GeneratedBlock(text, SimulatedTokenRule.Count(text) + 7, null, IsWhole: true);

        string.Concat(block.Pieces().Select(piece => piece.Text)).ShouldBe(text);
        block.Pieces().Sum(piece => piece.Tokens).ShouldBe(block.Tokens);
        block.Pieces().ShouldAllBe(piece => piece.Text.Length == 0 || !char.IsHighSurrogate(piece.Text[piece.Text.Length - 1]));
    }

    [Fact]
    public void A_call_that_does_not_fit_is_cut_and_says_so()
    {
        var reply = SimulatedReply.Of(new SimulatedTextBlock("abc"), new SimulatedToolUseBlock("toolu_1", "look", """{"at":"the sun and the moon"}"""));

        var cut = GeneratedReply.Of(reply, maxTokens: 8, []);

        cut.StopReason.ShouldBe("max_tokens");
        cut.Tokens.ShouldBe(8);
        cut.Blocks[1].IsWhole.ShouldBeFalse();
        """{"at":"the sun and the moon"}""".ShouldStartWith(cut.Blocks[1].Content);
    }

    [Fact(Timeout = Bound)]
    public async Task Arguments_of_a_cut_call_are_empty_to_Anthropic()
    {
        await using var simulation = await Simulation.StartAsync(null, SimulatedReply.ToolCall("toolu_1", "look", """{"at":"the sun and the moon"}"""));

        var message = await simulation.AskAsync(Simulation.Body("Hi", maxTokens: 8));

        message.GetProperty("stop_reason").GetString().ShouldBe("max_tokens");
        message.GetProperty("content")[0].GetProperty("input").EnumerateObject().ShouldBeEmpty();
    }
}

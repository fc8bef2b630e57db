using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>Literals, values, limits of parameters, and the order of messages.</summary>
public sealed class PromptTests
{
    private enum Mood
    {
        Ill,
    }

    [Fact]
    public async Task However_many_pieces_a_message_has_it_is_all_of_them()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("x") };
        for (var pieces = 1; pieces < 7; pieces++)
        {
            var call = sample.Bind(fake).Begin();
            for (var message = 0; message < 2; message++)
            {
                for (var piece = 0; piece < pieces; piece++)
                {
                    if (piece % 2 == 0)
                        call.Literal($"{message}{piece} ");
                    else
                        call.Value("value", piece);
                }

                call.EndUserMessage();
            }

            await call.InvokeAsync(ReplyFormat.Text, default);
            var expected = Enumerable.Range(0, 2).Select(message => string.Concat(Enumerable.Range(0, pieces).Select(piece => piece % 2 == 0 ? $"{message}{piece} " : $"{piece}")));
            fake.Requests[^1].Texts.ShouldBe(expected);
        }
    }

    [Fact]
    public async Task What_a_client_does_to_the_options_it_gets_is_no_other_calls_affair()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient
        {
            Otherwise = static request =>
            {
                request.Options!.ModelId.ShouldBe(CallSample.Model);
                request.Options.Temperature.ShouldBeNull();
                request.Options.Tools.ShouldBeNull();
                request.Options.AdditionalProperties.ShouldBeNull();
                (request.Options.ModelId, request.Options.Temperature, request.Options.Tools, request.Options.MaxOutputTokens) = ("spoiled", 2, [], 1);
                request.Options.AdditionalProperties = new() { ["a"] = "b" };
                return FakeReply.Text("x");
            },
        };
        var method = sample.Bind(fake);
        for (var call = 0; call < 3; call++)
        {
            await method.AskAsync("q");
            await method.StreamAsync("q").ToChatResponseAsync();
        }

        fake.Requests.Count.ShouldBe(6);
        fake.Requests.Select(static request => request.Options).Distinct().Count().ShouldBe(6);
    }

    [Fact]
    public async Task Values_are_data_and_written_alike_in_every_culture()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("x"));
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
        try
        {
            var call = sample.Bind(fake).Begin();
            call.Literal("Say: ");
            call.Value("text", "{name} {{0}} {");
            call.Value("number", 1234.5m);
            call.Literal("|");
            call.Value("date", new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc), "yyyy-MM-dd");
            call.Literal("|");
            call.Value("mood", Mood.Ill);
            call.Literal("|");
            call.Value("list", new object?[] { "a", 1.5, null, true });
            call.Literal("|");
            call.Value<string?>("nothing", null);
            call.EndUserMessage();
            await call.InvokeAsync(ReplyFormat.Text, default);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        fake.Requests[0].Texts.ShouldBe(["Say: {name} {{0}} {1234.5|2026-03-01|Ill|a\n1.5\n\nTrue|"]);
    }

    [Fact]
    public async Task The_system_prompt_comes_first_then_history_then_the_prompt()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("x"));
        var call = sample.Bind(fake, systemPrompt: "be brief").Begin();
        call.Messages("examples", [new ChatMessage(ChatRole.User, "q"), new ChatMessage(ChatRole.Assistant, "a")]);
        call.UserMessage("first", "one");
        call.Literal("two");
        call.EndUserMessage();
        await call.InvokeAsync(ReplyFormat.Text, default);
        fake.Requests[0].Messages.Shape().ShouldBe(["system: be brief", "user: q", "assistant: a", "user: one", "user: two"]);
    }

    [Fact]
    public async Task A_parameter_over_its_limit_is_refused_before_anything_is_sent()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("x") };
        var method = sample.Bind(fake);
        var exception = Should.Throw<ContextOverflowException>(() => Begin("one two three four"));
        (exception.Tokens, exception.Limit).ShouldBe((4, 3));
        exception.Message.ShouldContain("Parameter 'ticket' of Writer.Ask");
        Should.NotThrow(() => Begin("one two three"));
        Should.Throw<ContextOverflowException>(() => method.Begin().UserMessage("ticket", "one two", 1));
        Should.Throw<ArgumentNullException>(() => method.Begin().UserMessage("ticket", null!)).ParamName.ShouldBe("ticket");
        fake.Requests.ShouldBeEmpty();

        await using var off = new CallSample(static options => options.Enabled = false);
        Should.NotThrow(() => off.Bind(fake).Begin().UserMessage("ticket", "one two", 1));

        void Begin(string value) => method.Begin().Value("ticket", value, maxTokens: 3);
    }

    [Fact]
    public async Task The_callers_options_are_used_and_not_touched()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("""{"answer":1}"""));
        var options = new ChatOptions { Temperature = 0.1f };
        await sample.Bind(fake).AskAsync(ReplyFormat.Json<Dictionary<string, int>>(), "q", options: options);
        fake.Requests[0].Options!.Temperature.ShouldBe(0.1f);
        fake.Requests[0].Options!.ResponseFormat.ShouldBeOfType<ChatResponseFormatJson>();
        (options.ModelId, options.ResponseFormat, options.MaxOutputTokens).ShouldBe((null, null, null));
    }
}

using System.Text.Json;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;

namespace TokenBudget.Testing.Tests;

/// <summary>The official client accepts what the simulator says, and the other way round.</summary>
public sealed class AnthropicClientTests
{
    private const int Bound = Simulation.Bound;

    private static readonly SimulatedReply[] WeatherScript =
    [
        SimulatedReply.Of(new SimulatedTextBlock("Let me look."), new SimulatedToolUseBlock("toolu_1", "get_weather", """{"city":"Zürich","days":[1,2,3]}""")),
        SimulatedReply.Text("It rains in Zürich."),
    ];

    private static readonly AIFunctionDeclaration WeatherTool = AIFunctionFactory.Create((string city, int[] days) => "rain", "get_weather", "The weather of a city");

    private static MessageCreateParams Question(string text = "How are you?", long maxTokens = 100) => new()
    {
        Model = Simulation.Sonnet,
        MaxTokens = maxTokens,
        System = "Be brief.",
        Messages = [new UserMessageParam { Content = text }],
    };

    [Fact(Timeout = Bound)]
    public async Task A_plain_message_comes_back_with_usage()
    {
        await using var simulation = await Simulation.StartAsync(null, SimulatedReply.Text("Fine, thanks."));
        using var client = simulation.Client();

        var message = await client.Messages.Create(Question());

        message.Content.Single().TryPickText(out var text).ShouldBeTrue();
        text!.Text.ShouldBe("Fine, thanks.");
        message.StopReason!.Value().ShouldBe(StopReason.EndTurn);
        // "Be brief." 9 bytes -> 3, "How are you?" 12 bytes -> 4; two blocks of 3 and a message of 5.
        message.Usage.InputTokens.ShouldBe(3 + 3 + 5 + 3 + 4);
        message.Usage.OutputTokens.ShouldBe(4);
        message.Usage.CacheReadInputTokens.ShouldBe(0);
        message.Usage.CacheCreation!.Ephemeral5mInputTokens.ShouldBe(0);
    }

    [Fact(Timeout = Bound)]
    public async Task A_stream_has_the_documented_order_and_cumulative_usage()
    {
        await using var simulation = await Simulation.StartAsync(null, WeatherScript);
        using var client = simulation.Client();

        var kinds = new List<string>();
        var text = "";
        var json = "";
        MessageDeltaUsage? usage = null;
        await foreach (var item in client.Messages.CreateStreaming(Question()))
        {
            kinds.Add(item.Json.GetProperty("type").GetString()!);
            if (item.TryPickContentBlockDelta(out var delta))
            {
                text += delta.Delta.TryPickText(out var words) ? words.Text : "";
                json += delta.Delta.TryPickInputJson(out var arguments) ? arguments.PartialJson : "";
            }

            if (item.TryPickDelta(out var end))
                usage = end.Usage;
        }

        text.ShouldBe("Let me look.");
        JsonElement.Parse(json).GetProperty("city").GetString().ShouldBe("Zürich");
        kinds.ShouldBe(
        [
            "message_start", "content_block_start", "content_block_delta", "content_block_stop",
            "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop", "message_delta", "message_stop",
        ]);
        usage!.OutputTokens.ShouldBe(simulation.Provider.Bill.OutputTokens);
        usage.InputTokens.ShouldBe(simulation.Provider.Bill.InputTokens);
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_loop_through_the_chat_client_works(bool streaming)
    {
        await using var simulation = await Simulation.StartAsync(null, WeatherScript);
        using var client = simulation.Client();
        var chat = client.AsIChatClient(Simulation.Sonnet, 500);
        var options = new ChatOptions { Tools = [WeatherTool], Instructions = "Be brief." };
        var history = new List<ChatMessage> { new(ChatRole.User, "What is the weather?") };

        var first = await AskAsync();
        var call = first.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Single();
        call.Name.ShouldBe("get_weather");
        call.Arguments!["city"]!.ToString().ShouldBe("Zürich");
        first.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        history.AddRange(first.Messages);
        history.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, "rain")]));
        var second = await AskAsync();

        second.Text.ShouldBe("It rains in Zürich.");
        second.FinishReason.ShouldBe(ChatFinishReason.Stop);
        var log = simulation.Provider.Log;
        first.Usage!.InputTokenCount.ShouldBe(log[0].PromptTokens);
        second.Usage!.OutputTokenCount.ShouldBe(log[1].OutputTokens);
        simulation.Provider.GetVerdict().IsClean.ShouldBeTrue(simulation.Provider.GetVerdict().ToString());

        async Task<ChatResponse> AskAsync() =>
            streaming ? await chat.GetStreamingResponseAsync(history, options).ToChatResponseAsync() : await chat.GetResponseAsync(history, options);
    }

    [Fact(Timeout = Bound)]
    public async Task The_responder_sees_the_request_as_it_was_meant()
    {
        SimulatedRequest? seen = null;
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Responder = (request, _) =>
            {
                seen = request;
                return ValueTask.FromResult(SimulatedReply.Text("ok"));
            },
        });
        using var client = simulation.Client();
        var chat = client.AsIChatClient(Simulation.Sonnet, 500);
        ChatMessage[] history =
        [
            new(ChatRole.User, "What is the weather?"),
            new(ChatRole.Assistant, [new FunctionCallContent("toolu_1", "get_weather", new Dictionary<string, object?> { ["city"] = "Bern" })]),
            new(ChatRole.Tool, [new FunctionResultContent("toolu_1", "rain")]),
        ];

        await chat.GetResponseAsync(history, new ChatOptions { Tools = [WeatherTool], Instructions = "Be brief." });

        seen.ShouldNotBeNull();
        seen.System.ShouldBe("Be brief.");
        seen.Tools.ShouldBe(["get_weather"]);
        seen.MaxTokens.ShouldBe(500);
        seen.Stream.ShouldBeFalse();
        seen.Messages.Select(message => message.Role).ShouldBe(["user", "assistant", "user"]);
        seen.Messages[1].Blocks.ShouldBe([new SimulatedToolUseBlock("toolu_1", "get_weather", """{"city":"Bern"}""")]);
        seen.Messages[2].Blocks.Single().ShouldBeOfType<SimulatedToolResultBlock>().Text.ShouldContain("rain");
        seen.InputTokens.ShouldBe(simulation.Provider.Log.Single().PromptTokens);
        seen.Headers["AUTHORIZATION"].ShouldBe("Bearer test");
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reply_longer_than_max_tokens_is_cut(bool streaming)
    {
        await using var simulation = await Simulation.StartAsync(null, SimulatedReply.Text(new string('a', 1_000)));
        using var client = simulation.Client();
        var chat = client.AsIChatClient(Simulation.Sonnet, 10);

        var response = streaming ? await chat.GetStreamingResponseAsync("Hi").ToChatResponseAsync() : await chat.GetResponseAsync("Hi");

        response.Text.Length.ShouldBe(37);
        response.FinishReason.ShouldBe(ChatFinishReason.Length);
        response.Usage!.OutputTokenCount.ShouldBe(10);
        simulation.Provider.Bill.OutputTokens.ShouldBe(10);
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cache_marker_of_the_chat_client_writes_and_reads_the_cache(bool streaming)
    {
        await using var simulation = await Simulation.StartAsync();
        using var client = simulation.Client();
        var chat = client.AsIChatClient(Simulation.Sonnet, 100);
        ChatMessage[] history =
        [
            new(ChatRole.System, [new TextContent(new string('s', 4_428)).WithCacheControl(Ttl.Ttl1h)]),
            new(ChatRole.User, "Hi"),
        ];

        var written = await AskAsync();
        var read = await AskAsync();

        // The prefix is 1,197 and framed by 3, the question 1 and framed by 8.
        written.Usage!.InputTokenCount.ShouldBe(1_209);
        written.Usage.AdditionalCounts!.Keys.ShouldBe(["CacheCreationInputTokens"], "the adapter tells nothing of lifetimes");
        written.Usage.AdditionalCounts!["CacheCreationInputTokens"].ShouldBe(1_200);
        read.Usage!.InputTokenCount.ShouldBe(1_209);
        read.Usage.CachedInputTokenCount.ShouldBe(1_200);
        simulation.Provider.Log[0].CacheWrite1HourTokens.ShouldBe(1_200);

        async Task<ChatResponse> AskAsync() =>
            streaming ? await chat.GetStreamingResponseAsync(history).ToChatResponseAsync() : await chat.GetResponseAsync(history);
    }

    [Fact(Timeout = Bound)]
    public async Task The_client_maps_each_error_to_its_exception()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            ApiKey = "right",
            Limits = options.Limits with { RequestsPerMinute = 1 },
        });
        using var right = simulation.Client("right");
        using var wrong = simulation.Client("wrong");

        (await Should.ThrowAsync<AnthropicUnauthorizedException>(() => wrong.Messages.Create(Question()))).ResponseBody.ShouldContain("authentication_error");
        (await Should.ThrowAsync<AnthropicNotFoundException>(() => right.Messages.Create(Question() with { Model = "gpt-5" }))).ResponseBody.ShouldContain("model: gpt-5");
        await Should.ThrowAsync<AnthropicBadRequestException>(() => right.Messages.Create(Question() with { Messages = [] }));
        await right.Messages.Create(Question());
        (await Should.ThrowAsync<AnthropicRateLimitException>(() => right.Messages.Create(Question()))).ResponseBody.ShouldContain("rate_limit_error");
    }

    [Fact(Timeout = Bound)]
    public async Task An_exhausted_script_is_a_clear_error()
    {
        await using var simulation = await Simulation.StartAsync(null, SimulatedReply.Text("once"));
        using var client = simulation.Client();
        await client.Messages.Create(Question());

        var error = await Should.ThrowAsync<Anthropic5xxException>(() => client.Messages.Create(Question()));

        error.ResponseBody.ShouldContain("The script is exhausted");
        simulation.Provider.Bill.SucceededRequests.ShouldBe(1);
    }
}

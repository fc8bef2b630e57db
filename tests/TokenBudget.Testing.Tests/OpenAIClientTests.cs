using System.ClientModel;
using System.Text.Json;
using OpenAI.Chat;

namespace TokenBudget.Testing.Tests;

/// <summary>The official client of OpenAI accepts what the simulator says, and the other way round.</summary>
public sealed class OpenAIClientTests
{
    private const int Bound = Simulation.Bound;

    private static readonly SimulatedReply[] WeatherScript =
    [
        SimulatedReply.Of(new SimulatedTextBlock("Let me look."), new SimulatedToolUseBlock("call_1", "get_weather", """{"city":"Zürich","days":[1,2,3]}""")),
        SimulatedReply.Text("It rains in Zürich."),
    ];

    private static readonly ChatTool WeatherTool = ChatTool.CreateFunctionTool(
        "get_weather", "The weather of a city", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}}}"""));

    [Fact(Timeout = Bound)]
    public async Task A_plain_completion_comes_back_with_usage()
    {
        await using var simulation = await Simulation.StartAsync(null, SimulatedReply.Text("Fine, thanks."));

        ChatCompletion completion = await simulation.ChatClient().CompleteChatAsync(new SystemChatMessage("Be brief."), new UserChatMessage("How are you?"));

        completion.Id.ShouldBe("chatcmpl-sim00000001");
        completion.Model.ShouldBe(Simulation.Gpt);
        completion.CreatedAt.ShouldBe(simulation.Clock.GetUtcNow());
        completion.Content.Single().Text.ShouldBe("Fine, thanks.");
        completion.FinishReason.ShouldBe(ChatFinishReason.Stop);
        // "Be brief." 9 bytes -> 3, "How are you?" 12 bytes -> 4; two messages of 5 and two blocks of 3.
        completion.Usage.InputTokenCount.ShouldBe(5 + 3 + 3 + 5 + 3 + 4);
        completion.Usage.OutputTokenCount.ShouldBe(4);
        completion.Usage.TotalTokenCount.ShouldBe(27);
        completion.Usage.InputTokenDetails.CachedTokenCount.ShouldBe(0);
        simulation.Provider.Bill.PicoDollars.ShouldBe((23 * 2_500_000) + (4 * 10_000_000));
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tool_loop_works(bool streaming)
    {
        SimulatedRequest? seen = null;
        var script = new ScriptedResponder(WeatherScript);
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Responder = (request, cancellationToken) =>
            {
                seen = request;
                return script.RespondAsync(request, cancellationToken);
            },
        });
        var client = simulation.ChatClient();
        var options = new ChatCompletionOptions { Tools = { WeatherTool }, MaxOutputTokenCount = 500 };
        List<ChatMessage> history = [new SystemChatMessage("Be brief."), new UserChatMessage("What is the weather?")];

        var (text, calls, reason) = streaming ? await StreamAsync(client, history, options) : await AskAsync(client, history, options);
        text.ShouldBe("Let me look.");
        reason.ShouldBe(ChatFinishReason.ToolCalls);
        var (id, name, arguments) = calls.Single();
        (id, name).ShouldBe(("call_1", "get_weather"));
        JsonElement.Parse(arguments).GetProperty("city").GetString().ShouldBe("Zürich");
        history.Add(new AssistantChatMessage([ChatToolCall.CreateFunctionToolCall(id, name, BinaryData.FromString(arguments))]));
        history.Add(new ToolChatMessage(id, "rain"));
        var second = streaming ? await StreamAsync(client, history, options) : await AskAsync(client, history, options);

        second.Text.ShouldBe("It rains in Zürich.");
        second.Reason.ShouldBe(ChatFinishReason.Stop);
        seen.ShouldNotBeNull();
        (seen.Dialect, seen.System, seen.MaxTokens, seen.Stream).ShouldBe((SimulatedDialect.OpenAI, "Be brief.", 500, streaming));
        seen.Tools.ShouldBe(["get_weather"]);
        seen.Messages.Select(message => message.Role).ShouldBe(["user", "assistant", "user"]);
        seen.Messages[1].Blocks.ShouldBe([new SimulatedToolUseBlock("call_1", "get_weather", arguments)]);
        seen.Messages[2].Blocks.ShouldBe([new SimulatedToolResultBlock("call_1", "rain", IsError: false)]);
        var verdict = simulation.Provider.GetVerdict();
        verdict.IsClean.ShouldBeTrue(verdict.ToString());
    }

    [Fact(Timeout = Bound)]
    public async Task A_stream_reports_the_billed_usage()
    {
        await using var simulation = await Simulation.StartAsync(null, SimulatedReply.Text(new string('a', 370)) with { ReasoningTokens = 40 });

        ChatTokenUsage? usage = null;
        await foreach (var update in simulation.ChatClient().CompleteChatStreamingAsync("Hi"))
            usage = update.Usage ?? usage;

        usage!.OutputTokenCount.ShouldBe(140);
        usage.OutputTokenDetails.ReasoningTokenCount.ShouldBe(40);
        usage.InputTokenCount.ShouldBe(simulation.Provider.Log.Single().PromptTokens);
        simulation.Provider.Bill.OutputTokens.ShouldBe(140);
    }

    [Fact(Timeout = Bound)]
    public async Task A_schema_is_handed_to_the_responder_and_its_JSON_to_the_client()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Responder = (request, _) => ValueTask.FromResult(SimulatedReply.Text(
                request.ResponseFormat!.Value.GetProperty("json_schema").GetProperty("name").GetString() == "rain" ? """{"rains":true}""" : "{}")),
        });
        var format = ChatResponseFormat.CreateJsonSchemaFormat("rain", BinaryData.FromString("""{"type":"object","properties":{"rains":{"type":"boolean"}}}"""));

        ChatCompletion completion = await simulation.ChatClient().CompleteChatAsync([new UserChatMessage("Does it rain?")], new ChatCompletionOptions { ResponseFormat = format });

        JsonElement.Parse(completion.Content.Single().Text).GetProperty("rains").GetBoolean().ShouldBeTrue();
    }

    [Fact(Timeout = Bound)]
    public async Task The_client_sees_every_error_with_its_status_and_code()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            ApiKey = "right",
            Limits = new SimulatedLimits { RequestsPerMinute = 2 },
        });

        await ExpectAsync(simulation.ChatClient("wrong"), 401, "invalid_api_key");
        await ExpectAsync(simulation.ChatClient("right", "gpt-4o-none"), 404, "model_not_found");
        await simulation.ChatClient("right").CompleteChatAsync("Hi");
        await simulation.ChatClient("right").CompleteChatAsync("Hi");
        await ExpectAsync(simulation.ChatClient("right"), 429, "rate_limit_exceeded");

        static async Task ExpectAsync(ChatClient client, int status, string code)
        {
            var error = await Should.ThrowAsync<ClientResultException>(() => client.CompleteChatAsync("Hi"));
            error.Status.ShouldBe(status);
            JsonElement.Parse(error.GetRawResponse()!.Content).GetProperty("error").GetProperty("code").GetString().ShouldBe(code);
        }
    }

    [Fact(Timeout = Bound)]
    public async Task The_clients_own_retries_are_seen_as_attempts_of_one_call()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.EachCall(SimulatedFault.InternalError) });
        var client = new ChatClient(Simulation.Gpt, new ApiKeyCredential("test"), new OpenAI.OpenAIClientOptions { Endpoint = new Uri(simulation.Provider.BaseAddress, "v1") });

        await client.CompleteChatAsync("Hi");

        simulation.Provider.Log.Select(exchange => (exchange.Status, exchange.Attempt)).ShouldBe([(500, 1), (200, 2)]);
        simulation.Provider.GetVerdict().MostAttempts.ShouldBe(2);
    }

    private static async Task<(string Text, List<(string Id, string Name, string Arguments)> Calls, ChatFinishReason Reason)> AskAsync(
        ChatClient client, IEnumerable<ChatMessage> history, ChatCompletionOptions options)
    {
        ChatCompletion completion = await client.CompleteChatAsync(history, options);
        return (
            string.Concat(completion.Content.Select(part => part.Text)),
            [.. completion.ToolCalls.Select(call => (call.Id, call.FunctionName, call.FunctionArguments.ToString()))],
            completion.FinishReason);
    }

    private static async Task<(string Text, List<(string Id, string Name, string Arguments)> Calls, ChatFinishReason Reason)> StreamAsync(
        ChatClient client, IEnumerable<ChatMessage> history, ChatCompletionOptions options)
    {
        var text = "";
        var calls = new List<(string Id, string Name, string Arguments)>();
        ChatFinishReason? reason = null;
        await foreach (var update in client.CompleteChatStreamingAsync(history, options))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            reason = update.FinishReason ?? reason;
            foreach (var call in update.ToolCallUpdates)
            {
                if (call.Index == calls.Count)
                    calls.Add((call.ToolCallId, call.FunctionName, ""));
                var (id, name, arguments) = calls[call.Index];
                calls[call.Index] = (id, name, arguments + call.FunctionArgumentsUpdate);
            }
        }

        return (text, calls, reason!.Value);
    }
}

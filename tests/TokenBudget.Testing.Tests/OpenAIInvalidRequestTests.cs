using System.Net;
using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>Every way of being refused with 400, in the words of the real API.</summary>
public sealed class OpenAIInvalidRequestTests
{
    private const int Bound = Simulation.Bound;
    private const string Head = """{"model":"gpt-4o",""";
    private const string User = """{"role":"user","content":"Hi"}""";
    private const string Call = """{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{}"}}]}""";
    private const string Result = """{"role":"tool","tool_call_id":"call_1","content":"seen"}""";

    public static TheoryData<string, string, string?> Cases => new()
    {
        { "{ \"gpt-4o", "We could not parse the JSON body of your request.", null },
        { "[\"gpt-4o\"]", "We could not parse the JSON body of your request.", null },
        { $$"""{"user":"gpt-4o","messages":[{{User}}]}""", "you must provide a model parameter", null },
        { Head + "\"n\":1}", "Missing required parameter: 'messages'.", "missing_required_parameter" },
        { Head + "\"messages\":{}}", "Invalid type for 'messages': expected an array of objects, but got an object instead.", "invalid_type" },
        { Head + "\"messages\":[]}", "Invalid 'messages': empty array.", "empty_array" },
        { Messages("{}"), "Missing required parameter: 'messages[0].role'.", "missing_required_parameter" },
        { Messages("""{"role":"robot","content":"Hi"}"""), "Invalid value: 'robot'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.", "invalid_value" },
        { Messages("""{"role":"user"}"""), "Invalid value for 'content': expected a string, got null.", null },
        { Messages("""{"role":"user","content":7}"""), "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.", "invalid_type" },
        { Messages("""{"role":"user","content":[{"text":"Hi"}]}"""), "Missing required parameter: 'messages[0].content[0].type'.", "missing_required_parameter" },
        { Messages("""{"role":"user","content":[{"type":"text"}]}"""), "Missing required parameter: 'messages[0].content[0].text'.", "missing_required_parameter" },
        { Messages(User, """{"role":"tool","content":"seen"}"""), "Missing parameter 'tool_call_id'", null },
        { Messages(User, Result), "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", null },
        { Messages(User, Call), "The following tool_call_ids did not have response messages: call_1", null },
        { Messages(User, Call, User, Result), "The following tool_call_ids did not have response messages: call_1", null },
        { Messages(User, Call, Result, Result), "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", null },
        { Messages(User, """{"role":"assistant","tool_calls":[{"id":"call_1","type":"function"}]}"""), "Missing required parameter: 'messages[1].tool_calls[0].function'.", "missing_required_parameter" },
        { With("\"max_tokens\":0,"), "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.", "integer_below_min_value" },
        { With("\"max_tokens\":\"1\","), "Invalid type for 'max_tokens': expected an integer, but got a string instead.", "invalid_type" },
        { With("\"max_tokens\":1,\"max_completion_tokens\":1,"), "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "invalid_parameter_combination" },
        { With("\"max_tokens\":501,"), "max_tokens is too large: 501. This model supports at most 500 completion tokens, whereas you provided 501.", "invalid_value" },
        { With("\"stream_options\":{\"include_usage\":true},"), "The 'stream_options' parameter is only allowed when 'stream' is enabled.", null },
        { With("\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"],"), "Invalid 'stop': array too long.", "array_above_max_length" },
        { With("\"stop\":7,"), "Invalid type for 'stop'", "invalid_type" },
        { With("\"tools\":[],"), "Invalid 'tools': empty array.", "empty_array" },
        { With("\"tools\":[{\"type\":\"function\",\"function\":{}}],"), "Missing required parameter: 'tools[0].function.name'.", "missing_required_parameter" },
        { With("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}],"), "Invalid 'tools[0].function.name': string does not match pattern.", "invalid_value" },
        { With("\"response_format\":{\"type\":\"json_object\"},"), "'messages' must contain the word 'json' in some form", null },
        { With("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\"}},"), "Missing required parameter: 'response_format.json_schema.schema'.", "missing_required_parameter" },
        { With("\"response_format\":{\"type\":\"xml\"},"), "Invalid value: 'xml'. Supported values are: 'json_object', 'json_schema', and 'text'.", "invalid_value" },
        { With("\"n\":2,"), "The simulator gives one choice", "invalid_value" },
        { Simulation.GptBody(new string('a', 3_700)), "This model's maximum context length is 1000 tokens. However, your messages resulted in 1008 tokens. Please reduce the length of the messages.", "context_length_exceeded" },
        { Simulation.GptBody(new string('a', 1_850), "\"max_tokens\":500,"), "However, you requested 1008 tokens (508 in the messages, 500 in the completion).", "context_length_exceeded" },
    };

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Cases))]
    public async Task An_invalid_request_is_refused_as_the_real_one_refuses_it(string body, string message, string? code)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Models = [Simulation.GptModel with { MaxInputTokens = 1_000, MaxOutputTokens = 500 }] });

        using var response = await simulation.PostAsync(body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync()).GetProperty("error");
        error.GetProperty("message").GetString()!.ShouldContain(message);
        error.GetProperty("type").GetString().ShouldBe("invalid_request_error");
        error.GetProperty("code").GetString().ShouldBe(code);
        simulation.Provider.GetVerdict().Of(SimulatorFindingKind.InvalidRequest).Count().ShouldBe(1);
    }

    [Theory(Timeout = Bound)]
    [InlineData("""{"role":"developer","content":"Be brief."}""", User)]
    [InlineData(User, Call, Result, """{"role":"assistant","content":"Well."}""", User)]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}""")]
    [InlineData(User, """{"role":"assistant","content":"","refusal":null}""")]
    public async Task A_valid_one_is_answered(params string[] messages)
    {
        await using var simulation = await Simulation.StartAsync();
        using var response = await simulation.PostAsync(Messages(messages));

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    private static string Messages(params string[] messages) => $$"""{{Head}}"messages":[{{string.Join(',', messages)}}]}""";

    private static string With(string more) => Simulation.GptBody("Hi", more);
}

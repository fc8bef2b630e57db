using System.Net;
using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>Every way of being refused with 400, in the words of the real API.</summary>
public sealed class InvalidRequestTests
{
    private const int Bound = Simulation.Bound;
    private const string Head = $$"""{"model":"{{Simulation.Sonnet}}","max_tokens":100,""";
    private const string User = """{"role":"user","content":"Hi"}""";
    private const string Call = """{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"look","input":{}}]}""";
    private const string Result = """{"type":"tool_result","tool_use_id":"toolu_1","content":"seen"}""";
    private const string Marked = """{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}""";
    private const string MarkedHour = """{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}}""";

    public static TheoryData<string, string> Cases => new()
    {
        { "{", "The request body is not valid JSON" },
        { "[]", "The request body is not a JSON object" },
        { $$"""{"model":"{{Simulation.Sonnet}}","messages":[{{User}}]}""", "max_tokens: Field required" },
        { $$"""{"model":"{{Simulation.Sonnet}}","max_tokens":0,"messages":[{{User}}]}""", "max_tokens: must be greater than or equal to 1" },
        { $$"""{"model":"{{Simulation.Sonnet}}","max_tokens":"1","messages":[{{User}}]}""", "max_tokens: Input should be a valid integer" },
        { $$"""{"model":"{{Simulation.Sonnet}}","max_tokens":64001,"messages":[{{User}}]}""", "max_tokens: 64001 > 64000" },
        { $$"""{"max_tokens":1,"messages":[{{User}}]}""", "model: Field required" },
        { Head + """ "system":"x"}""", "messages: Field required" },
        { Head + """ "messages":[]}""", "messages: at least one message is required" },
        { Head + """ "messages":{}}""", "messages: Input should be a valid list" },
        { Messages("""{"role":"assistant","content":"Hi"}"""), "messages: first message must use the \"user\" role" },
        { Messages("""{"role":"robot","content":"Hi"}"""), "messages.0.role" },
        { Messages("""{"role":"user"}"""), "messages.0.content: Field required" },
        { Messages("""{"role":"user","content":7}"""), "messages.0.content: Input should be" },
        { Messages("""{"role":"user","content":""}"""), "messages.0: all messages must have non-empty content" },
        { Messages("""{"role":"user","content":[]}"""), "messages.0: all messages must have non-empty content" },
        { Messages("""{"role":"user","content":[{"type":"text","text":""}]}"""), "messages: text content blocks must be non-empty" },
        { Messages("""{"role":"user","content":[{"type":"text","text":" \n"}]}"""), "messages: text content blocks must contain non-whitespace text" },
        { Messages("""{"role":"user","content":[{"type":"text","text":"","cache_control":{"type":"ephemeral"}}]}"""), "cache_control cannot be set for empty text blocks" },
        { Messages("""{"role":"user","content":[{"text":"Hi"}]}"""), "messages.0.content.0.type: Field required" },
        { Messages(User, """{"role":"assistant","content":"Well, "}"""), "final assistant content cannot end with trailing whitespace" },
        { Messages(User, """{"role":"system","content":"Now be brief."}"""), "messages: Unexpected role \"system\"" },
        { Messages($$"""{"role":"user","content":[{{Result}}]}"""), "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1." },
        { Messages(User, Call, User, $$"""{"role":"user","content":[{{Result}}]}"""), "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1." },
        { Messages(User, Call, User), "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1." },
        { Messages(User, Call), "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1." },
        { Messages(User, Call, $$"""{"role":"user","content":[{{Result}},{{Result}}]}"""), "each tool_use must have a single result" },
        { Messages(User, Call, $$"""{"role":"user","content":[{{Result}}]}""", Call, $$"""{"role":"user","content":[{{Result}}]}"""), "`tool_use` ids must be unique" },
        { Messages("""{"role":"user","content":[{"type":"tool_use","id":"toolu_1","name":"look","input":{}}]}"""), "`tool_use` blocks can only be in `assistant` messages" },
        { Messages(User, $$"""{"role":"assistant","content":[{{Result}}]}"""), "`tool_result` blocks can only be in `user` messages" },
        { Messages(User, """{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"look"}]}"""), "tool_use.input: Field required" },
        { Messages($$"""{"role":"user","content":[{{Marked}},{{Marked}},{{Marked}},{{Marked}},{{Marked}}]}"""), "A maximum of 4 blocks with cache_control may be provided. Found 5." },
        { Messages($$"""{"role":"user","content":[{{Marked}},{{MarkedHour}}]}"""), "a ttl='1h' cache_control block must not come after a ttl='5m'" },
        { Messages("""{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"2h"}}]}"""), "ttl: Input should be '5m' or '1h'" },
        { Head + $$$""" "tools":[{"name":"a","input_schema":{}},{"name":"a","input_schema":{}}],"messages":[{{{User}}}]}""", "tools: Tool names must be unique." },
        { Head + $$$""" "tools":[{"input_schema":{}}],"messages":[{{{User}}}]}""", "tools.0.name: Field required" },
        { Simulation.Body(new string('a', 3_700)), "prompt is too long: 1008 tokens > 1000 maximum" },
    };

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Cases))]
    public async Task An_invalid_request_is_refused_as_the_real_one_refuses_it(string body, string message)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Models = [Simulation.SonnetModel with { MaxInputTokens = 1_000 }] });

        using var response = await simulation.PostAsync(body);
        var json = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        json.GetProperty("type").GetString().ShouldBe("error");
        json.GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
        json.GetProperty("error").GetProperty("message").GetString()!.ShouldContain(message);
        json.GetProperty("request_id").GetString().ShouldBe(response.Headers.GetValues("request-id").Single());
        simulation.Provider.Bill.PicoDollars.ShouldBe(0);
        simulation.Provider.GetVerdict().Of(SimulatorFindingKind.InvalidRequest).Count().ShouldBe(1);
    }

    [Theory(Timeout = Bound)]
    [InlineData("""{"role":"assistant","content":""}""")]
    [InlineData("""{"role":"assistant","content":"The answer is ("}""")]
    [InlineData("""{"role":"user","content":[{"type":"text","text":"And"},{"type":"text","text":"you?"}]}""")]
    public async Task What_only_looks_unusual_is_accepted(string last)
    {
        await using var simulation = await Simulation.StartAsync();
        using var response = await simulation.PostAsync(Messages(User, last));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact(Timeout = Bound)]
    public async Task Results_of_one_turn_may_come_in_two_user_messages()
    {
        const string TwoCalls = """{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"look","input":{}},{"type":"tool_use","id":"toolu_2","name":"look","input":{}}]}""";
        await using var simulation = await Simulation.StartAsync();
        using var response = await simulation.PostAsync(Messages(
            User,
            TwoCalls,
            $$"""{"role":"user","content":[{{Result}}]}""",
            """{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_2"},{"type":"text","text":"Go on"}]}"""));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact(Timeout = Bound)]
    public async Task A_model_that_accepts_system_messages_wants_them_right_after_the_users()
    {
        const string System = """{"role":"system","content":"Now be brief."}""";
        await using var simulation = await Simulation.StartAsync(options => options with { Models = [Simulation.SonnetModel with { AcceptsSystemMessages = true }] });

        using var right = await simulation.PostAsync(Messages(User, System));
        using var first = await simulation.PostAsync(Messages(System, User));
        using var late = await simulation.PostAsync(Messages(User, """{"role":"assistant","content":"Hi"}""", System));

        right.StatusCode.ShouldBe(HttpStatusCode.OK);
        first.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        late.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private static string Messages(params string[] messages) => $$"""{{Head}}"messages":[{{string.Join(',', messages)}}]}""";
}

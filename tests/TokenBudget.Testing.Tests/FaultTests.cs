using System.Net;
using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Microsoft.Extensions.AI;

namespace TokenBudget.Testing.Tests;

/// <summary>Failures played on purpose.</summary>
public sealed class FaultTests
{
    private const int Bound = Simulation.Bound;

    public static TheoryData<string> Errors => [.. AnthropicErrors.All.Keys];

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Errors))]
    public async Task An_error_is_sent_free_of_charge(string name)
    {
        var expected = AnthropicErrors.All[name];
        var fault = SimulatedFault.Fail(expected);
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.InOrder(null, fault) });

        using var good = await simulation.PostAsync(Simulation.Body("Hi"));
        using var bad = await simulation.PostAsync(Simulation.Body("Hi"));
        using var after = await simulation.PostAsync(Simulation.Body("Hi"));

        (good.StatusCode, after.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        ((int)bad.StatusCode).ShouldBe(expected.Status);
        (bad.Headers.RetryAfter is not null).ShouldBe(expected.RetryAfter is not null);
        bad.Headers.GetValues("request-id").Single().ShouldBe("req_sim_00000002");
        if (expected.Html is { } page)
        {
            bad.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
            (await bad.Content.ReadAsStringAsync()).ShouldBe(page);
        }
        else
        {
            var body = JsonElement.Parse(await bad.Content.ReadAsByteArrayAsync());
            body.GetProperty("type").GetString().ShouldBe("error");
            body.GetProperty("request_id").GetString().ShouldBe("req_sim_00000002");
            var error = body.GetProperty("error");
            error.GetProperty("type").GetString().ShouldBe(expected.Type);
            error.GetProperty("message").GetString().ShouldBe(expected.Message);
            error.TryGetProperty("details", out var details).ShouldBe(expected.Code is not null);
            if (expected.Code is not null)
                details.GetProperty("error_code").GetString().ShouldBe(expected.Code);
        }

        simulation.Provider.Log[1].PicoDollars.ShouldBe(0);
        simulation.Provider.Log[1].Fault.ShouldBe(fault);
    }

    [Theory(Timeout = Bound)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_cut_stream_delivers_so_many_events_and_is_billed_for_what_was_produced(int events)
    {
        await using var simulation = await Simulation.StartAsync(
            options => options with { Faults = _ => SimulatedFault.CutAfterEvents(events) },
            SimulatedReply.Text(new string('a', 240)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
        {
            Content = new StringContent(Simulation.Body("Hi").Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal)),
        };
        request.Headers.Add("anthropic-version", "2023-06-01");

        using var response = await simulation.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var seen = 0;
        await Should.ThrowAsync<IOException>(async () =>
        {
            while (await reader.ReadLineAsync() is { } line)
                seen += line.StartsWith("event: ", StringComparison.Ordinal) ? 1 : 0;
        });

        seen.ShouldBe(events);
        var exchange = simulation.Provider.Log.Single();
        exchange.Completed.ShouldBeFalse();
        exchange.InputTokens.ShouldBe(9);
        // Start, block, ping, then the first of ten pieces: 24 of 240 characters of 65 tokens.
        exchange.OutputTokens.ShouldBe(events == 4 ? 6 : 0);
    }

    [Fact(Timeout = Bound)]
    public async Task The_official_client_notices_a_cut_stream()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.CutAfterEvents(4) });
        using var client = simulation.Client();
        var updates = client.AsIChatClient(Simulation.Sonnet, 100).GetStreamingResponseAsync("Hi");

        await Should.ThrowAsync<Exception>(async () => await updates.ToChatResponseAsync());
    }

    [Fact(Timeout = Bound)]
    public async Task A_reply_that_is_not_streamed_breaks_half_way()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.CutAfterEvents(1) });

        await Should.ThrowAsync<HttpRequestException>(() => simulation.PostAsync(Simulation.Body("Hi")));

        simulation.Provider.Bill.OutputTokens.ShouldBe(1);
    }

    [Fact(Timeout = Bound)]
    public async Task Headers_can_be_late()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.InOrder(SimulatedFault.DelayHeaders(TimeSpan.FromSeconds(90))) });
        var late = simulation.PostAsync(Simulation.Body("Hi"));
        while (simulation.Clock.PendingTimers == 0)
            await Task.Yield();
        simulation.Clock.Advance(TimeSpan.FromSeconds(89));
        late.IsCompleted.ShouldBeFalse();
        simulation.Clock.Advance(TimeSpan.FromSeconds(1));

        using var response = await late;

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var exchange = simulation.Provider.Log.Single();
        (exchange.RespondedAt - exchange.ArrivedAt).ShouldBe(TimeSpan.FromSeconds(90));
    }

    [Fact(Timeout = Bound)]
    public async Task A_plan_sees_the_request_and_only_valid_ones()
    {
        var seen = new List<string>();
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Faults = request =>
            {
                seen.Add(request.LastUserText);
                return request.LastUserText == "fail" ? SimulatedFault.InternalError : null;
            },
        });

        await simulation.AskAsync("{}");
        await simulation.AskAsync(Simulation.Body("work"));
        await simulation.AskAsync(Simulation.Body("fail"));

        seen.ShouldBe(["work", "fail"]);
        simulation.Provider.Log.Select(exchange => exchange.Status).ShouldBe([400, 200, 500]);
    }

    [Fact(Timeout = Bound)]
    public async Task The_official_client_reads_an_overload_as_one()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.Overloaded });
        using var client = simulation.Client();
        var chat = client.AsIChatClient(Simulation.Sonnet, 100);

        (await Should.ThrowAsync<AnthropicOverloadedException>(() => chat.GetResponseAsync("Hi"))).ResponseBody.ShouldContain("overloaded_error");
        simulation.Provider.Bill.Requests.ShouldBe(1);
    }
}

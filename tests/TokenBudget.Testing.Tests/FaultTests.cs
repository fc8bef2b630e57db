using System.Net;
using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Microsoft.Extensions.AI;

namespace TokenBudget.Testing.Tests;

/// <summary>Failures played on purpose.</summary>
public sealed class FaultTests
{
    private const int Bound = 30_000;

    public static TheoryData<SimulatedFaultKind, int, string> Errors => new()
    {
        { SimulatedFaultKind.Overloaded529, 529, "overloaded_error" },
        { SimulatedFaultKind.InternalError500, 500, "api_error" },
        { SimulatedFaultKind.SpendLimit429, 429, "rate_limit_error" },
    };

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Errors))]
    public async Task An_error_is_sent_free_of_charge(SimulatedFaultKind kind, int status, string type)
    {
        var fault = kind switch
        {
            SimulatedFaultKind.Overloaded529 => SimulatedFault.Overloaded529,
            SimulatedFaultKind.InternalError500 => SimulatedFault.InternalError500,
            _ => SimulatedFault.SpendLimit429,
        };
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.InOrder(null, fault) });

        using var good = await simulation.PostAsync(Simulation.Body("Hi"));
        using var bad = await simulation.PostAsync(Simulation.Body("Hi"));
        using var after = await simulation.PostAsync(Simulation.Body("Hi"));

        (good.StatusCode, after.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        ((int)bad.StatusCode).ShouldBe(status);
        bad.Headers.RetryAfter.ShouldBeNull();
        var error = JsonElement.Parse(await bad.Content.ReadAsByteArrayAsync()).GetProperty("error");
        error.GetProperty("type").GetString().ShouldBe(type);
        error.TryGetProperty("details", out var details).ShouldBe(status == 429);
        if (status == 429)
            details.GetProperty("error_code").GetString().ShouldBe("enforced_spend_limit_reached");
        simulation.Provider.Log[1].PicoDollars.ShouldBe(0);
        simulation.Provider.Log[1].Fault.ShouldBe(kind);
    }

    [Theory(Timeout = Bound)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_cut_stream_delivers_so_many_events_and_is_billed_for_what_was_produced(int events)
    {
        await using var simulation = await Simulation.StartAsync(
            options => options with { Faults = _ => SimulatedFault.CutStreamAfterEvents(events) },
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
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.CutStreamAfterEvents(4) });
        using var client = simulation.Client();
        var updates = client.AsIChatClient(Simulation.Sonnet, 100).GetStreamingResponseAsync("Hi");

        await Should.ThrowAsync<Exception>(async () => await updates.ToChatResponseAsync());
    }

    [Fact(Timeout = Bound)]
    public async Task A_reply_that_is_not_streamed_breaks_half_way()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.CutStreamAfterEvents(1) });

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
                return request.LastUserText == "fail" ? SimulatedFault.InternalError500 : null;
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
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.Overloaded529 });
        using var client = simulation.Client();
        var chat = client.AsIChatClient(Simulation.Sonnet, 100);

        (await Should.ThrowAsync<AnthropicOverloadedException>(() => chat.GetResponseAsync("Hi"))).ResponseBody.ShouldContain("overloaded_error");
        simulation.Provider.Bill.Requests.ShouldBe(1);
    }
}

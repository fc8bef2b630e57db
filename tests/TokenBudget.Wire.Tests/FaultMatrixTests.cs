using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;
using TokenBudget.Models;
using TokenBudget.Retries;
using TokenBudget.Testing;
using TokenBudget.Wire.Tests.Clients;

namespace TokenBudget.Wire.Tests;

/// <summary>Every kind of fault, with every client, streamed or not: the provider has nothing against us, the caller gets what he can, and every dollar is on our bill too.</summary>
public sealed class FaultMatrixTests
{
    private const int Bound = 60_000;

    /// <summary>What becomes of a call whose first attempt meets a fault.</summary>
    public enum Outcome
    {
        /// <summary>The first request brings the answer.</summary>
        Passes,

        /// <summary>The second one does.</summary>
        Recovers,

        /// <summary>The caller gets an exception, and nothing more is sent.</summary>
        Fails,

        /// <summary>The caller gets what was allowed, marked as cut off.</summary>
        Cut,
    }

    /// <summary>A fault and what becomes of a call that is streamed, and of one that is not.</summary>
    private sealed record Case(SimulatedFault Fault, Outcome Whole, Outcome Stream)
    {
        /// <summary>Whether the provider falls silent. A stream is given up by the budgeted client, and anything else when the connection is closed at last.</summary>
        public bool IsSilent { get; init; }

        /// <summary>The client that itself takes such a reply for no reply at all.</summary>
        public WireClient? RefusedBy { get; init; }

        /// <summary>What is reported, as a multiple of what is billed.</summary>
        public decimal Reported { get; init; } = 1;
    }

    private static readonly Dictionary<string, Case> Cases = new(StringComparer.Ordinal)
    {
        ["overloaded"] = new(SimulatedFault.Overloaded, Outcome.Recovers, Outcome.Recovers),
        ["an internal error"] = new(SimulatedFault.InternalError, Outcome.Recovers, Outcome.Recovers),
        ["a rate limit"] = new(SimulatedFault.RateLimit, Outcome.Recovers, Outcome.Recovers),
        ["traffic that grows too fast"] = new(SimulatedFault.Acceleration, Outcome.Recovers, Outcome.Recovers),
        ["no money left"] = new(SimulatedFault.SpendLimit, Outcome.Fails, Outcome.Fails),
        ["a proxy's error page"] = new(SimulatedFault.BadGatewayHtml, Outcome.Recovers, Outcome.Recovers),
        ["a login page with status 200"] = new(SimulatedFault.LoginPage, Outcome.Recovers, Outcome.Recovers),
        ["late headers"] = new(SimulatedFault.DelayHeaders(TimeSpan.FromSeconds(40)), Outcome.Passes, Outcome.Passes),
        ["no response"] = new(SimulatedFault.NoResponse, Outcome.Recovers, Outcome.Recovers) { IsSilent = true },
        ["reset instead of a response"] = new(SimulatedFault.ResetConnection, Outcome.Recovers, Outcome.Recovers),
        ["closed instead of a response"] = new(SimulatedFault.CloseConnection, Outcome.Recovers, Outcome.Recovers),
        ["closed before the first event"] = new(SimulatedFault.CutAfterEvents(0), Outcome.Recovers, Outcome.Recovers),
        ["closed before the first word"] = new(SimulatedFault.CutAfterEvents(1), Outcome.Recovers, Outcome.Recovers),
        ["closed after some words"] = new(SimulatedFault.CutAfterEvents(6), Outcome.Recovers, Outcome.Fails),
        ["closed after 0 bytes"] = new(SimulatedFault.CutAfterBytes(0), Outcome.Recovers, Outcome.Recovers),
        ["closed after 40 bytes"] = new(SimulatedFault.CutAfterBytes(40), Outcome.Recovers, Outcome.Recovers),
        ["reset after 40 bytes"] = new(SimulatedFault.CutAfterBytes(40, SimulatedBreak.Reset), Outcome.Recovers, Outcome.Recovers),
        ["ended early before the first word"] = new(SimulatedFault.BreakAfterEvents(SimulatedBreak.EndCleanly, 1), Outcome.Recovers, Outcome.Recovers),
        ["ended early after some words"] = new(SimulatedFault.BreakAfterEvents(SimulatedBreak.EndCleanly, 6), Outcome.Recovers, Outcome.Fails),
        ["half an event at the start"] = new(SimulatedFault.BreakAfterEvents(SimulatedBreak.HalfEvent, 0), Outcome.Recovers, Outcome.Recovers),
        ["half an event after some words"] = new(SimulatedFault.BreakAfterEvents(SimulatedBreak.HalfEvent, 6), Outcome.Recovers, Outcome.Fails),
        ["silence before the first word"] = new(SimulatedFault.BreakAfterEvents(SimulatedBreak.Silence, 1), Outcome.Recovers, Outcome.Recovers) { IsSilent = true },
        ["silence after some words"] = new(SimulatedFault.BreakAfterEvents(SimulatedBreak.Silence, 6), Outcome.Recovers, Outcome.Fails) { IsSilent = true },
        ["nothing but pings"] = new(SimulatedFault.BreakAfterEvents(SimulatedBreak.Pings, 6), Outcome.Recovers, Outcome.Fails) { IsSilent = true },
        ["an error before the first word"] = new(SimulatedFault.ErrorAfterEvents(1), Outcome.Recovers, Outcome.Recovers),
        ["an error after some words"] = new(SimulatedFault.ErrorAfterEvents(6), Outcome.Recovers, Outcome.Fails),
        ["no headers"] = new(SimulatedFault.BadHeaders(SimulatedHeaderFault.Absent), Outcome.Passes, Outcome.Passes),
        ["garbled headers"] = new(SimulatedFault.BadHeaders(SimulatedHeaderFault.Garbled), Outcome.Passes, Outcome.Passes),
        ["headers twice"] = new(SimulatedFault.BadHeaders(SimulatedHeaderFault.Duplicated), Outcome.Passes, Outcome.Passes),
        ["headers in capitals"] = new(SimulatedFault.BadHeaders(SimulatedHeaderFault.UpperCase), Outcome.Passes, Outcome.Passes),
        ["a clock 5 minutes ahead"] = new(SimulatedFault.SkewedClock(TimeSpan.FromMinutes(5)), Outcome.Passes, Outcome.Passes),
        ["a clock 5 minutes behind"] = new(SimulatedFault.SkewedClock(TimeSpan.FromMinutes(-5)), Outcome.Passes, Outcome.Passes),
        ["a date to wait for by a wrong clock"] = new(
            SimulatedFault.Fail(AnthropicErrors.RateLimit with { RetryAfter = SimulatedRetryAfter.HttpDate(TimeSpan.FromSeconds(20)) }) with { ClockSkew = TimeSpan.FromMinutes(-5) },
            Outcome.Recovers,
            Outcome.Recovers),
        ["compressed"] = new(SimulatedFault.Compressed, Outcome.Passes, Outcome.Passes),
        ["no usage"] = new(SimulatedFault.UsageMissing, Outcome.Passes, Outcome.Passes) { RefusedBy = WireClient.AnthropicSdk },
        ["a usage of zero"] = new(SimulatedFault.UsageTimes(0), Outcome.Passes, Outcome.Passes) { Reported = 0 },
        ["three times the usage"] = new(SimulatedFault.UsageTimes(3), Outcome.Passes, Outcome.Passes) { Reported = 3 },
        ["the first event twice"] = new(SimulatedFault.DuplicateEvent(1), Outcome.Passes, Outcome.Passes),
        ["byte by byte"] = new(SimulatedFault.Drip(TimeSpan.Zero), Outcome.Passes, Outcome.Passes),
        ["an answer that never ends"] = new(SimulatedFault.Endless, Outcome.Passes, Outcome.Cut),
        ["lower limits from now on"] = new(SimulatedFault.ChangeLimits(new SimulatedLimits { RequestsPerMinute = 3 }), Outcome.Passes, Outcome.Passes),
    };

    public static TheoryData<string, WireClient, bool> Matrix
    {
        get
        {
            var data = new TheoryData<string, WireClient, bool>();
            foreach (var name in Cases.Keys)
                foreach (var client in Enum.GetValues<WireClient>())
                    foreach (var isStream in (bool[])[false, true])
                        data.Add(name, client, isStream);
            return data;
        }
    }

    /// <summary>The matrix for people.</summary>
    internal static string Table()
    {
        var table = new StringBuilder("| the provider's first answer | not streamed | streamed |\n|---|---|---|\n");
        foreach (var (name, given) in Cases)
            table.Append(CultureInfo.InvariantCulture, $"| {name} | {Words(given.Whole)} | {Words(given.Stream)} |\n");
        return table.ToString();

        static string Words(Outcome outcome) => outcome switch
        {
            Outcome.Passes => "whole answer",
            Outcome.Recovers => "second request, whole answer",
            Outcome.Cut => "cut off, finish reason `length`",
            _ => "exception, no second request",
        };
    }

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Matrix))]
    public async Task A_fault_costs_no_more_than_it_must(string name, WireClient client, bool isStream)
    {
        var given = Cases[name];
        var isRefused = given.RefusedBy == client;
        var expected = isRefused ? Outcome.Fails : isStream ? given.Stream : given.Whole;
        await using var wire = await Wire.StartAsync(
            client,
            options => options with
            {
                Faults = FaultPlan.InOrder(given.Fault),
                // Slowly, so that little is under way when it is cut.
                Latency = given.Stream == Outcome.Cut ? new SimulatedLatency { OutputTokensPerSecond = 50 } : options.Latency,
                MaxSilence = given.IsSilent && !(isStream && given.Fault.AfterEvents > 0) ? TimeSpan.FromMilliseconds(100) : options.MaxSilence,
            },
            options => options.Retries.StreamSilence = given.IsSilent && isStream ? TimeSpan.FromSeconds(20) : null);
        if (given.IsSilent)
            wire.Stillness = 20;

        var asking = wire.AskAsync("Tell me a story.", isStream);
        if (expected == Outcome.Fails)
        {
            var exception = await Should.ThrowAsync<Exception>(() => asking);
            ProviderFailure.Of(exception).ShouldNotBeNull(exception.ToString()).Attempts.ShouldBe(1);
            if (given.IsSilent)
                exception.ShouldBeOfType<IncompleteReplyException>().Message.ShouldContain("Nothing was heard");
        }
        else if (expected == Outcome.Cut)
        {
            var answer = await asking;
            answer.FinishReason.ShouldBe(ChatFinishReason.Length);
            answer.Text.ShouldStartWith(Wire.Story);
        }
        else
        {
            (await asking).Text.ShouldBe(Wire.Story);
        }

        wire.Provider.Log.Count.ShouldBe(expected == Outcome.Recovers ? 2 : 1);
        await wire.ShouldBeCleanAsync();
        if (!isRefused)
            await ShouldBeBilledAsync(wire, given.Reported);
    }

    /// <summary>Each request is a line. What the provider reported is charged to the pico-dollar; what it did not is an estimate and says so, and is never nothing.</summary>
    private static async Task ShouldBeBilledAsync(Wire wire, decimal reported)
    {
        var lines = await wire.LinesAsync();
        lines.Count.ShouldBe(wire.Provider.Log.Count);
        foreach (var (line, exchange) in lines.Zip(wire.Provider.Log))
        {
            var billed = exchange.PicoDollars;
            if (!line.IsEstimate)
                line.Cost.ShouldBe(new Usd((long)(billed * reported)), exchange.ToString());
            else if (billed > 0)
                line.Cost.PicoDollars.ShouldBeInRange(billed / 4, billed * 4);
            // An answer with its usage needs no estimate.
            if (exchange is { Completed: true, Status: 200, Fault: not ({ OmitsUsage: true } or { Error: not null }) })
                line.IsEstimate.ShouldBeFalse();
        }
    }
}

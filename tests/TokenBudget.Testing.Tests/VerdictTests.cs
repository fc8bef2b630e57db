using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>The simulator's judgement of its client.</summary>
public sealed class VerdictTests
{
    private const int Bound = 30_000;

    [Fact(Timeout = Bound)]
    public async Task Waiting_as_told_is_clean()
    {
        await using var simulation = await OneAMinute();
        await simulation.AskAsync(Simulation.Body("a"));
        await simulation.AskAsync(Simulation.Body("b"));
        simulation.Clock.Advance(TimeSpan.FromSeconds(60));
        await simulation.AskAsync(Simulation.Body("b"));

        var verdict = simulation.Provider.GetVerdict();
        verdict.ShouldBeClean();
        (verdict.Requests, verdict.Calls, verdict.MostAttempts, verdict.RateLimited, verdict.MostProbes).ShouldBe((3, 2, 2, 1, 1));
        verdict.RequestsPerCall.ShouldBe(1.5);
        verdict.ToString().ShouldBe("clean; 3 requests for 2 calls, at most 2 for one; 1 rate limited; worst 60 s: 9 input and 1 output tokens, 2 requests");
    }

    [Theory(Timeout = Bound)]
    [InlineData(0)]
    [InlineData(59_999)]
    public async Task A_retry_before_its_time_is_caught(int afterMilliseconds)
    {
        await using var simulation = await OneAMinute();
        await simulation.AskAsync(Simulation.Body("a"));
        await simulation.AskAsync(Simulation.Body("b"));
        simulation.Clock.Advance(TimeSpan.FromMilliseconds(afterMilliseconds));
        await simulation.AskAsync(Simulation.Body("b"));

        var verdict = simulation.Provider.GetVerdict();
        Numbers(verdict, SimulatorFindingKind.EarlyCall).ShouldBe([3]);
        verdict.Findings.Single().Reason.ShouldBe(FormattableString.Invariant(
            $"{(60_000 - afterMilliseconds) / 1_000m:0.###} s before the 60 s that request 2 was told to wait were over"));
        Should.Throw<SimulatorVerdictException>(verdict.ShouldBeClean).Message.ShouldContain("early call: request 3 at 00:0");
    }

    [Fact(Timeout = Bound)]
    public async Task Another_call_is_early_too_unless_it_may_have_been_under_way()
    {
        await using var simulation = await OneAMinute();
        await simulation.AskAsync(Simulation.Body("a"));
        await simulation.AskAsync(Simulation.Body("b"));
        simulation.Clock.Advance(TimeSpan.FromMilliseconds(249));
        await simulation.AskAsync(Simulation.Body("c"));
        simulation.Clock.Advance(TimeSpan.FromMilliseconds(251));
        await simulation.AskAsync(Simulation.Body("d"));

        Numbers(simulation.Provider.GetVerdict(), SimulatorFindingKind.EarlyCall).ShouldBe([4]);
    }

    [Fact(Timeout = Bound)]
    public async Task Another_client_key_or_model_is_not_bound_by_what_it_was_not_told()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Models = [.. options.Models, Simulation.SonnetModel with { Id = "claude-haiku-4-5", LimitClass = "haiku" }],
            Limits = new SimulatedLimits { RequestsPerMinute = 1 },
            Faults = FaultPlan.At((2, SimulatedFault.RateLimit)),
        });
        (string, string)[] one = [("x-simulator-client", "one"), ("x-api-key", "k1")];
        await simulation.AskAsync(Simulation.Body("a"), one);
        await simulation.AskAsync(Simulation.Body("b"), one);
        simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        await simulation.AskAsync(Simulation.Body("c"), ("x-simulator-client", "two"), ("x-api-key", "k1"));
        await simulation.AskAsync(Simulation.Body("d"), ("x-simulator-client", "one"), ("x-api-key", "k2"));
        await simulation.AskAsync(Simulation.Body("e").Replace(Simulation.Sonnet, "claude-haiku-4-5", StringComparison.Ordinal), one);
        await simulation.AskAsync(Simulation.Body("f"), one);

        Numbers(simulation.Provider.GetVerdict(), SimulatorFindingKind.EarlyCall).ShouldBe([6]);
        simulation.Provider.GetVerdict("two").ShouldBeClean();
        simulation.Provider.GetVerdict("one").Findings.Count.ShouldBe(1);
    }

    [Theory(Timeout = Bound)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(6, false)]
    public async Task After_a_cool_down_one_asks_first(int atOnce, bool isClean)
    {
        using var gate = new SemaphoreSlim(0);
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Faults = FaultPlan.At((1, SimulatedFault.RateLimit)),
            Responder = async (_, cancellationToken) =>
            {
                await gate.WaitAsync(cancellationToken);
                return SimulatedReply.Text("ok");
            },
        });
        await simulation.AskAsync(Simulation.Body("first"));
        simulation.Clock.Advance(TimeSpan.FromSeconds(10));
        var storm = Enumerable.Range(0, atOnce).Select(index => simulation.AskAsync(Simulation.Body($"call {index}"))).ToList();
        while (simulation.Provider.Log.Count < 1 + atOnce)
            await Task.Yield();
        gate.Release(20);
        await Task.WhenAll(storm);
        // The probe has been answered: now everybody may come.
        await Task.WhenAll(Enumerable.Range(0, 5).Select(index => simulation.AskAsync(Simulation.Body($"later {index}"))));

        var verdict = simulation.Provider.GetVerdict();
        verdict.MostProbes.ShouldBe(atOnce);
        verdict.IsClean.ShouldBe(isClean, verdict.ToString());
        if (!isClean)
            verdict.ToString().ShouldContain($"storm: request 2 at 00:00:10.000 (claude-sonnet-4-5, 200): {atOnce} requests (2, ");
    }

    [Fact(Timeout = Bound)]
    public async Task A_probe_that_is_not_answered_holds_nobody_for_ever()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.At((1, SimulatedFault.RateLimit), (2, SimulatedFault.DelayHeaders(TimeSpan.FromSeconds(30)))) });
        await simulation.AskAsync(Simulation.Body("first"));
        simulation.Clock.Advance(TimeSpan.FromSeconds(10));
        var slow = simulation.AskAsync(Simulation.Body("slow"));
        while (simulation.Clock.PendingTimers == 0)
            await Task.Yield();
        simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        await simulation.AskAsync(Simulation.Body("next"));
        simulation.Clock.Advance(TimeSpan.FromSeconds(29));
        await slow;

        simulation.Provider.GetVerdict().ShouldBeClean();
    }

    public static TheoryData<string> Hopeless =>
    [
        .. AnthropicErrors.All.Where(static error => !error.Value.MayBeRetried).Select(static error => "Anthropic/" + error.Key),
        .. OpenAIErrors.All.Where(static error => !error.Value.MayBeRetried).Select(static error => "OpenAI/" + error.Key),
    ];

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Hopeless))]
    public async Task A_retry_of_what_can_never_succeed_is_caught(string name)
    {
        var isOpenAI = name.StartsWith("OpenAI/", StringComparison.Ordinal);
        var error = isOpenAI ? OpenAIErrors.All[name["OpenAI/".Length..]] : AnthropicErrors.All[name["Anthropic/".Length..]];
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.At((1, SimulatedFault.Fail(error))) });
        Func<string, string> body = isOpenAI ? text => Simulation.GptBody(text) : text => Simulation.Body(text);

        await simulation.AskTextAsync(body("Hi"));
        simulation.Provider.GetVerdict().ShouldBeClean();
        simulation.Clock.Advance(TimeSpan.FromMinutes(10));
        await simulation.AskAsync(body("something else"));
        await simulation.AskAsync(body("Hi"));

        var finding = simulation.Provider.GetVerdict().Findings.ShouldHaveSingleItem();
        (finding.Kind, finding.Request!.Number).ShouldBe((SimulatorFindingKind.ForbiddenRetry, 3));
        finding.Reason.ShouldStartWith($"repeats request 1, which was answered {error.Status} ");
    }

    [Theory(Timeout = Bound)]
    [InlineData(400, true)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    public async Task So_is_a_retry_of_what_the_provider_itself_refuses(int status, bool isInvalid)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { ApiKey = status == 401 ? "right" : null });
        var body = status switch
        {
            400 => """{"model":"m"}""",
            404 => Simulation.Body("Hi").Replace(Simulation.Sonnet, "gpt-5", StringComparison.Ordinal),
            _ => Simulation.Body("Hi"),
        };

        await simulation.AskAsync(body);
        await simulation.AskAsync(body);

        simulation.Provider.Log[0].Status.ShouldBe(status);
        Numbers(simulation.Provider.GetVerdict(), SimulatorFindingKind.ForbiddenRetry).ShouldBe([2]);
        Numbers(simulation.Provider.GetVerdict(), SimulatorFindingKind.InvalidRequest).ShouldBe(isInvalid ? [1, 2] : []);
    }

    [Fact(Timeout = Bound)]
    public async Task A_400_that_the_plan_played_is_not_the_clients_fault()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.InOrder(SimulatedFault.Fail(AnthropicErrors.UsageLimitReached)) });
        await simulation.AskAsync(Simulation.Body("Hi"));

        simulation.Provider.Log.Single().IsPlayed.ShouldBeTrue();
        simulation.Provider.GetVerdict().ShouldBeClean();
    }

    [Fact(Timeout = Bound)]
    public async Task A_retry_of_an_overload_is_allowed_but_not_without_end()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.Overloaded });
        for (var attempt = 0; attempt < 5; attempt++)
            await simulation.AskAsync(Simulation.Body("Hi"));
        simulation.Provider.GetVerdict().ShouldBeClean();
        await simulation.AskAsync(Simulation.Body("Hi"));

        var finding = simulation.Provider.GetVerdict().Findings.ShouldHaveSingleItem();
        finding.ToString().ShouldBe("too many attempts: request 6 at 00:00:00.000 (claude-sonnet-4-5, 529): attempt 6 of one call (1, 2, 3, 4, 5, 6); 5 allowed");
    }

    [Fact(Timeout = Bound)]
    public async Task Retries_of_all_calls_together_can_be_bounded()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Faults = FaultPlan.EachCall(SimulatedFault.Overloaded),
            VerdictRules = new SimulatorVerdictRules { MaxRequestsPerCall = 1.1 },
        });
        for (var call = 0; call < 2; call++)
        {
            await simulation.AskAsync(Simulation.Body($"call {call}"));
            await simulation.AskAsync(Simulation.Body($"call {call}"));
        }

        var finding = simulation.Provider.GetVerdict().Findings.ShouldHaveSingleItem();
        finding.ToString().ShouldBe("too many requests: 4 requests for 2 calls are more than 1.1 for each");
    }

    [Theory(Timeout = Bound)]
    [InlineData("x-simulator-call")]
    [InlineData("idempotency-key")]
    public async Task A_call_id_tells_equal_questions_apart_and_different_ones_together(string header)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.InOrder(SimulatedFault.Overloaded, SimulatedFault.Overloaded, SimulatedFault.Overloaded) });
        foreach (var id in (string[])["1", "2", "3"])
            await simulation.AskAsync(Simulation.Body("a"), (header, id));
        simulation.Provider.GetVerdict().MostAttempts.ShouldBe(1);
        await simulation.AskAsync(Simulation.Body("another body, as of a client that writes a date into it"), (header, "3"));

        (simulation.Provider.GetVerdict().MostAttempts, simulation.Provider.GetVerdict().Calls).ShouldBe((2, 3));
    }

    [Fact(Timeout = Bound)]
    public async Task Who_asks_again_after_a_whole_answer_makes_another_call()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.At((2, SimulatedFault.Overloaded)) });
        for (var index = 0; index < 4; index++)
            await simulation.AskAsync(Simulation.Body("the same"));

        simulation.Provider.Log.Select(exchange => exchange.Attempt).ShouldBe([1, 1, 2, 1]);
        simulation.Provider.GetVerdict().Calls.ShouldBe(3);
    }

    [Fact(Timeout = Bound)]
    public async Task The_worst_minute_slides()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            VerdictRules = new SimulatorVerdictRules { MaxInputTokensPerMinute = 36, MaxOutputTokensPerMinute = 3, MaxTokensPerMinute = 39, MaxRequestsPerMinute = 4 },
        });
        // Two at 0:40, two at 1:20, one at 1:40: the worst 60 s hold four; a fixed minute would hold three.
        foreach (var (wait, count) in new[] { (40, 2), (40, 2), (20, 1) })
        {
            simulation.Clock.Advance(TimeSpan.FromSeconds(wait));
            for (var index = 0; index < count; index++)
                await simulation.AskAsync(Simulation.Body("Hi"));
        }

        var verdict = simulation.Provider.GetVerdict();
        verdict.WorstMinute.ShouldBe(new SimulatedMinute(4, 4 * 9, 4, 4 * 10));
        verdict.Findings.Select(finding => finding.ToString()).ShouldBe(
        [
            "over the limit: request 4 at 00:01:20.000 (claude-sonnet-4-5, 200): 4 output tokens in the 60 s that begin with request 1; 3 allowed",
            "over the limit: request 4 at 00:01:20.000 (claude-sonnet-4-5, 200): 40 tokens in the 60 s that begin with request 1; 39 allowed",
        ]);
    }

    [Theory(Timeout = Bound)]
    [InlineData(SimulatedBreak.Close)]
    [InlineData(SimulatedBreak.EndCleanly)]
    [InlineData(SimulatedBreak.ErrorEvent)]
    public async Task Going_on_with_a_reply_that_broke_off_is_caught(SimulatedBreak how)
    {
        foreach (var model in (string[])[Simulation.Sonnet, Simulation.Gpt])
        {
            await using var simulation = await Broken(how);
            var half = await TruncatedAsync(simulation, model);
            half.ShouldNotBeEmpty();

            // Asking again, dropping it, marking it, and letting the model go on from it are right.
            await simulation.AskAsync(Chat(model, ("user", "Tell me.")));
            await simulation.AskAsync(Chat(model, ("user", "Tell me."), ("user", "Now?")));
            await simulation.AskAsync(Chat(model, ("user", "Tell me."), ("assistant", half + " [broken off]"), ("user", "Go on.")));
            await simulation.AskAsync(Chat(model, ("user", "Tell me."), ("assistant", half.TrimEnd())));
            simulation.Provider.GetVerdict().ShouldBeClean();

            await simulation.AskAsync(Chat(model, ("user", "Tell me."), ("assistant", half.TrimEnd()), ("user", "Thanks.")), ("x-simulator-client", "another"));
            simulation.Provider.GetVerdict().ShouldBeClean();
            await simulation.AskAsync(Chat(model, ("user", "Tell me."), ("assistant", half.TrimEnd()), ("user", "Thanks.")));

            var finding = simulation.Provider.GetVerdict().Findings.ShouldHaveSingleItem();
            (finding.Kind, finding.Request!.Number).ShouldBe((SimulatorFindingKind.TruncatedReply, 1));
            finding.Reason.ShouldBe("its reply broke off, and request 7 goes on with it as the model's words");
        }
    }

    [Fact(Timeout = Bound)]
    public async Task Running_a_tool_of_a_reply_that_broke_off_is_caught()
    {
        await using var simulation = await Simulation.StartAsync(
            options => options with { Faults = FaultPlan.InOrder(SimulatedFault.BreakAfterEvents(SimulatedBreak.EndCleanly, 5)) },
            SimulatedReply.ToolCall("toolu_7", "pay", """{"amount":1}"""),
            SimulatedReply.Text("done"));
        using (var response = await simulation.PostAsync(Stream(Simulation.Body("Pay."))))
            (await response.Content.ReadAsStringAsync()).ShouldContain("toolu_7");

        await simulation.AskAsync($$$"""
            {"model":"{{{Simulation.Sonnet}}}","max_tokens":100,"messages":[{"role":"user","content":"Pay."},
             {"role":"assistant","content":[{"type":"tool_use","id":"toolu_7","name":"pay","input":{"amount":1}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_7","content":"paid"}]}]}
            """);

        Numbers(simulation.Provider.GetVerdict(), SimulatorFindingKind.TruncatedReply).ShouldBe([1]);
    }

    [Fact(Timeout = Bound)]
    public async Task A_retry_that_brought_the_same_words_whole_clears_them()
    {
        // Everything but the last event arrives, and the next time that too.
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.InOrder(SimulatedFault.BreakAfterEvents(SimulatedBreak.EndCleanly, 5)) });
        using (var response = await simulation.PostAsync(Stream(Simulation.Body("Hi"))))
            (await response.Content.ReadAsStringAsync()).ShouldContain("\"text\":\"ok\"");
        using (var response = await simulation.PostAsync(Stream(Simulation.Body("Hi"))))
            (await response.Content.ReadAsStringAsync()).ShouldContain("message_stop");
        await simulation.AskAsync(Chat(Simulation.Sonnet, ("user", "Hi"), ("assistant", "ok"), ("user", "And?")));

        simulation.Provider.GetVerdict().ShouldBeClean();
    }

    [Fact(Timeout = Bound)]
    public async Task A_client_may_say_what_it_takes_for_whole()
    {
        await using var simulation = await Broken(SimulatedBreak.EndCleanly);
        await TruncatedAsync(simulation, Simulation.Sonnet);
        simulation.Provider.ReportComplete("msg_sim_00000001");
        await simulation.AskAsync(Simulation.Body("Hi"));
        simulation.Provider.ReportComplete("msg_sim_00000002");

        Numbers(simulation.Provider.GetVerdict(), SimulatorFindingKind.TruncatedReply).ShouldBe([1]);
        Should.Throw<ArgumentException>(() => simulation.Provider.ReportComplete("msg_sim_00000003"));
    }

    [Fact(Timeout = Bound)]
    public async Task A_stream_nobody_reads_and_nobody_closes_is_a_leak()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.At((2, SimulatedFault.Endless)) });
        await simulation.AskAsync(Simulation.Body("Hi"));
        using (var response = await simulation.OpenAsync(Stream(Simulation.Body("Go on."))))
        {
            simulation.Provider.GetVerdict().ShouldBeClean();
            var verdict = await simulation.Provider.GetFinalVerdictAsync(patience: TimeSpan.FromMilliseconds(50));
            var finding = verdict.Findings.ShouldHaveSingleItem();
            (finding.Kind, finding.Request!.Number).ShouldBe((SimulatorFindingKind.Leak, 2));
        }

        (await simulation.Provider.GetFinalVerdictAsync(patience: TimeSpan.FromSeconds(20))).ShouldBeClean();
    }

    [Fact(Timeout = Bound)]
    public async Task A_connection_that_outlives_its_client_is_a_leak()
    {
        await using var simulation = await Simulation.StartAsync();
        await simulation.AskAsync(Simulation.Body("Hi"));
        // A pool keeps its connections: that is no fault while it lives.
        (await simulation.Provider.GetFinalVerdictAsync()).ShouldBeClean();

        // The whole stream is in the client's buffers; only its connection tells.
        var response = await simulation.OpenAsync(Stream(Simulation.Body("Hi")));
        simulation.Http.Dispose();
        var verdict = await simulation.Provider.GetFinalVerdictAsync(isDisposed: true, patience: TimeSpan.FromMilliseconds(50));
        verdict.ToString().ShouldContain("leak: request 2 at 00:00:00.000 (claude-sonnet-4-5, 200): its connection is still open");
        response.Dispose();
        (await simulation.Provider.GetFinalVerdictAsync(isDisposed: true, patience: TimeSpan.FromSeconds(20))).ShouldBeClean();
    }

    [Theory(Timeout = Bound)]
    [InlineData(true, 1)]
    [InlineData(false, 4)]
    public async Task Responses_that_are_left_lying_about_show_in_the_connections(bool closes, int most)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { VerdictRules = new SimulatorVerdictRules { MaxConnections = 1 } });
        var responses = new List<HttpResponseMessage>();
        for (var call = 0; call < 4; call++)
        {
            responses.Add(await simulation.OpenAsync(Stream(Simulation.Body($"call {call}"))));
            if (closes)
                (await responses[call].Content.ReadAsStringAsync()).ShouldContain("ok");
        }

        // The replies are so small that the provider is rid of them, read or not: nothing else tells.
        var verdict = await simulation.Provider.GetFinalVerdictAsync();
        (verdict.Connections, verdict.MostConnections).ShouldBe((most, most));
        verdict.Findings.Select(static finding => finding.ToString()).ShouldBe(closes ? [] : ["too many connections: 4 connections were open at once; 1 allowed"]);
        (await simulation.Provider.GetFinalVerdictAsync("somebody else")).ShouldBeClean();
        responses.ForEach(static response => response.Dispose());
    }

    [Fact(Timeout = Bound)]
    public async Task Who_promises_to_keep_to_the_limit_by_himself_is_held_to_it()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Limits = new SimulatedLimits { RequestsPerMinute = 1 },
            VerdictRules = new SimulatorVerdictRules { MaxRateLimited = 1 },
        });
        for (var call = 0; call < 2; call++)
            await simulation.AskAsync(Simulation.Body($"call {call}"));
        simulation.Provider.GetVerdict().ShouldBeClean();
        simulation.Clock.Advance(TimeSpan.FromSeconds(60));
        for (var call = 2; call < 4; call++)
            await simulation.AskAsync(Simulation.Body($"call {call}"));

        simulation.Provider.GetVerdict().Findings.ShouldHaveSingleItem().ToString()
            .ShouldBe("rate limited: request 4 at 00:01:00.000 (claude-sonnet-4-5, 429): 2 requests (2, 4) were answered 429; 1 allowed");
    }

    [Theory(Timeout = Bound)]
    [InlineData(9_999, false)]
    [InlineData(10_000, true)]
    public async Task A_wait_that_is_only_told_in_words_counts_too(int afterMilliseconds, bool isClean)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Limits = new SimulatedLimits { RequestsPerMinute = 6 }, SendsRetryAfter = false });
        for (var call = 0; call < 7; call++)
            await simulation.AskAsync(Simulation.GptBody($"call {call}"));
        var refused = simulation.Provider.Log[^1];
        refused.ErrorMessage!.ShouldContain("Please try again in 10s.");
        simulation.Clock.Advance(TimeSpan.FromMilliseconds(afterMilliseconds));
        await simulation.AskAsync(Simulation.GptBody("call 6"));

        simulation.Provider.GetVerdict().IsClean.ShouldBe(isClean);
    }

    [Theory(Timeout = Bound)]
    [InlineData(SimulatedBreak.Silence)]
    [InlineData(SimulatedBreak.Pings)]
    public async Task Silence_ends_even_for_a_client_that_never_leaves(SimulatedBreak how)
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Faults = _ => SimulatedFault.BreakAfterEvents(how, 1),
            MaxSilence = TimeSpan.FromMilliseconds(50),
        });
        using var response = await simulation.OpenAsync(Stream(Simulation.Body("Hi")));

        await Should.ThrowAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
    }

    [Fact(Timeout = Bound)]
    public async Task Silence_ends_with_its_host()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.NoResponse });
        var asking = simulation.AskAsync(Simulation.Body("Hi"));
        while (simulation.Provider.Log is not [{ Fault: not null }])
            await Task.Yield();

        await simulation.Provider.DisposeAsync();

        await Should.ThrowAsync<HttpRequestException>(() => asking);
    }

    [Fact(Timeout = Bound)]
    public async Task A_simulator_nobody_called_finds_its_client_clean()
    {
        await using var simulation = await OneAMinute();
        simulation.Provider.GetVerdict().ShouldBeClean();
        (await simulation.Provider.GetFinalVerdictAsync(isDisposed: true)).ToString().ShouldBe("clean; 0 requests for 0 calls, at most 0 for one; 0 rate limited; worst 60 s: 0 input and 0 output tokens, 0 requests");
    }

    [Fact]
    public async Task Rules_that_allow_nothing_are_refused()
    {
        foreach (var rules in (SimulatorVerdictRules[])
                 [
                     new() { MaxAttempts = 0 }, new() { MaxProbes = 0 }, new() { MaxRequestsPerCall = 0.9 }, new() { MaxConnections = 0 }, new() { MaxRateLimited = -1 }, new() { MaxTokensPerMinute = -1 },
                     new() { ProbeTime = TimeSpan.FromSeconds(-1) }, new() { InFlightGrace = TimeSpan.FromSeconds(-1) },
                 ])
            await Should.ThrowAsync<ArgumentException>(() => Simulation.StartAsync(options => options with { VerdictRules = rules }));
        await Should.ThrowAsync<ArgumentException>(() => Simulation.StartAsync(options => options with { MaxSilence = TimeSpan.Zero }));
    }

    private static IEnumerable<int> Numbers(SimulatorVerdict verdict, SimulatorFindingKind kind) => verdict.Of(kind).Select(finding => finding.Request!.Number);

    private static Task<Simulation> OneAMinute() => Simulation.StartAsync(options => options with { Limits = new SimulatedLimits { RequestsPerMinute = 1 } });

    /// <summary>The first reply breaks off somewhere in its text.</summary>
    private static Task<Simulation> Broken(SimulatedBreak how) => Simulation.StartAsync(options => options with
    {
        Responder = (request, _) => ValueTask.FromResult(SimulatedReply.Text(request.Number == 1 ? "It is a long story, and it begins in a small town, many years ago." : $"reply {request.Number}")),
        Faults = FaultPlan.InOrder(how == SimulatedBreak.ErrorEvent ? SimulatedFault.ErrorAfterEvents(5) : SimulatedFault.BreakAfterEvents(how, 5)),
    });

    /// <summary>Asks for the first reply as a stream: what came of it.</summary>
    private static async Task<string> TruncatedAsync(Simulation simulation, string model)
    {
        var text = "";
        using var response = await simulation.OpenAsync(Stream(Chat(model, ("user", "Tell me."))));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                if (!line.StartsWith("data: {", StringComparison.Ordinal))
                    continue;
                var data = JsonElement.Parse(line["data: ".Length..]);
                if (data.TryGetProperty("choices", out var choices) && choices[0].GetProperty("delta").TryGetProperty("content", out var content))
                    text += content.GetString();
                else if (data.TryGetProperty("delta", out var delta) && delta.TryGetProperty("text", out var piece))
                    text += piece.GetString();
            }
        }
        catch (IOException)
        {
            // As the plan says.
        }

        return text;
    }

    private static string Chat(string model, params (string Role, string Text)[] messages) =>
        $$"""{"model":"{{model}}","max_tokens":100,"messages":{{JsonSerializer.Serialize(messages.Select(message => new { role = message.Role, content = message.Text }))}}}""";

    private static string Stream(string body) => body.Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal);
}

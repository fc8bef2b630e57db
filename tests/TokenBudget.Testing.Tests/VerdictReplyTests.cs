using System.Text.Json;
using static TokenBudget.Testing.Tests.VerdictSample;

namespace TokenBudget.Testing.Tests;

/// <summary>A reply that broke off is not taken for whole.</summary>
public sealed class VerdictReplyTests
{
    private const int Bound = Simulation.Bound;

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
}

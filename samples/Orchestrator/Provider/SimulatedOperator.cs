using System.Text.Json;
using Orchestrator.Agents;
using Orchestrator.Session;
using TokenBudget.Testing;

namespace Orchestrator.Provider;

/// <summary>What the simulated model says: it classifies, asks for the look-ups a step needs, answers, and writes summaries.</summary>
internal static class SimulatedOperator
{
    private const string Answer = """
        Finding: the ledger holds the order as settled and the other service shows an older state, because its retry queue was read before the settlement was written; the log lines and the query of this step agree on it.
        Decision: the ledger is right. The older state is corrected by the next retry; the customer is told that the payment arrived and that nothing else is needed from them.
        Open: the retry queue should be read after the settlement. Proposed as a change, not made.
        """;

    public static ValueTask<SimulatedReply> RespondAsync(SimulatedRequest request, CancellationToken cancellationToken) => ValueTask.FromResult(Respond(request));

    private static SimulatedReply Respond(SimulatedRequest request)
    {
        var text = request.Messages.Last(message => message.Role == "user" && message.Text.Length > 0).Text;
        if (text.StartsWith("Classify this ticket", StringComparison.Ordinal))
            return SimulatedReply.Text(Kind(text).ToString());
        if (request.Tools.Contains("report_cost"))
            return request.Messages[^1].Blocks.OfType<SimulatedToolResultBlock>().LastOrDefault() is { } report
                ? SimulatedReply.Text("The ledger says: " + report.Text)
                : SimulatedReply.Of(new SimulatedTextBlock("I look it up."), new SimulatedToolUseBlock("toolu_cost_" + request.Messages.Count, "report_cost", "{}"));
        if (request.Tools.Count == 0)
            return SimulatedReply.Text("Earlier steps: the ledger was right each time, retries corrected the other services, customers were told that payments arrived. Open: read retry queues after settlement.");

        var done = request.Messages[^1].Blocks.OfType<SimulatedToolResultBlock>().LastOrDefault() is { } result ? PartOf(result.Text) : 0;
        return done < SessionScript.LookUps(text) ? LookUp(text, done + 1) : SimulatedReply.Text(Answer);
    }

    private static TicketKind Kind(string text) =>
        text.Contains("How do I", StringComparison.Ordinal) ? TicketKind.Question
        : text.Contains("Please add", StringComparison.Ordinal) ? TicketKind.Request
        : TicketKind.Bug;

    private static SimulatedReply LookUp(string step, int part)
    {
        var order = step.Split('#')[1].Split(' ')[0];
        var service = step.Split(": ")[1].Split(' ')[0];
        var (tool, input) = (part % 3) switch
        {
            1 => ("search_logs", JsonSerializer.Serialize(new { service, query = "order=" + order, part })),
            2 => ("run_query", JsonSerializer.Serialize(new { sql = $"select * from payment where order_id = {order}", part })),
            _ => ("read_file", JsonSerializer.Serialize(new { path = $"{service}/src/settle_{order}.cs", part })),
        };
        return SimulatedReply.Of(
            new SimulatedTextBlock($"Look-up {part} for order {order}."),
            new SimulatedToolUseBlock($"toolu_{order}_{part}", tool, input));
    }

    // "look-up 2 of this step"
    private static int PartOf(string result)
    {
        var start = result.IndexOf("look-up ", StringComparison.Ordinal) + "look-up ".Length;
        return result[start] - '0';
    }
}

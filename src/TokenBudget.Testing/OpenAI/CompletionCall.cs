using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>The body of a request to <c>/v1/chat/completions</c>, read but not yet judged as a conversation.</summary>
internal sealed class CompletionCall : WireCall
{
    public required IReadOnlyList<CompletionMessage> Messages { get; init; }

    public required IReadOnlyList<string> Tools { get; init; }

    /// <summary>What the limit charges for the prompt: an estimate from the characters of the messages, four to a token (inferred).</summary>
    public required int EstimatedTokens { get; init; }

    /// <summary>Whether a stream is to end with a chunk of usage.</summary>
    public required bool IncludesUsage { get; init; }

    public override void Check(SimulatedModel model) => CompletionRules.Check(this, model);

    /// <summary>Tool messages become results in a user message, as Anthropic has them, so that one responder serves both dialects.</summary>
    public override PromptView View()
    {
        var messages = new List<SimulatedMessage>();
        foreach (var message in Messages.Where(message => !message.IsSystem))
        {
            var role = message.Role == "assistant" ? "assistant" : "user";
            if (messages.Count > 0 && messages[^1].Role == role)
                messages[^1] = new SimulatedMessage(role, [.. messages[^1].Blocks, .. message.Blocks]);
            else
                messages.Add(new SimulatedMessage(role, message.Blocks));
        }

        var system = string.Join('\n', Messages.Where(message => message.IsSystem).Select(message => message.Text));
        return new PromptView(system, messages, Tools, WireJson.Optional(Body, "response_format"));
    }
}

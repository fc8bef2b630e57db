using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>What the simulated model answers.</summary>
/// <remarks>Immutable; may be given out many times.</remarks>
public sealed record SimulatedReply
{
    /// <summary>The blocks of the reply: text and tool calls.</summary>
    public required IReadOnlyList<SimulatedBlock> Blocks { get; init; }

    /// <summary>Output tokens that are thought and not said: billed and reported as output, never sent. 0 unless set.</summary>
    public int ReasoningTokens { get; init; }

    /// <summary>
    /// The <c>stop_reason</c> in Anthropic's words; when not set it is <c>tool_use</c> if there is a tool call and else <c>end_turn</c>. A reply that
    /// is cut to <c>max_tokens</c> or at a stop sequence says so whatever is set here. OpenAI's dialect translates what it knows and sends
    /// anything else as it is.
    /// </summary>
    public string? StopReason { get; init; }

    /// <summary>A reply of one text.</summary>
    /// <param name="text">The text.</param>
    public static SimulatedReply Text(string text) => Of(new SimulatedTextBlock(text));

    /// <summary>A reply that calls one tool.</summary>
    /// <param name="id">Id of the call, unique in a conversation, e.g. <c>toolu_1</c>.</param>
    /// <param name="name">Name of the tool.</param>
    /// <param name="inputJson">The arguments, a JSON object.</param>
    /// <exception cref="ArgumentException">The arguments are no JSON object.</exception>
    public static SimulatedReply ToolCall(string id, string name, string inputJson) => Of(new SimulatedToolUseBlock(id, name, inputJson));

    /// <summary>A reply of several blocks.</summary>
    /// <param name="blocks">Texts and tool calls in order.</param>
    /// <exception cref="ArgumentException">A block is neither a text nor a tool call, or arguments are no JSON object.</exception>
    public static SimulatedReply Of(params IReadOnlyList<SimulatedBlock> blocks)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        foreach (var block in blocks)
            Check(block);
        return new SimulatedReply { Blocks = [.. blocks] };
    }

    private static void Check(SimulatedBlock block)
    {
        switch (block)
        {
            case SimulatedTextBlock:
                return;
            case SimulatedToolUseBlock call:
                try
                {
                    if (JsonElement.Parse(call.InputJson).ValueKind == JsonValueKind.Object)
                        return;
                }
                catch (JsonException error)
                {
                    throw new ArgumentException($"The arguments of {call.Name} are no JSON: {error.Message}", nameof(block), error);
                }

                throw new ArgumentException($"The arguments of {call.Name} are no JSON object.", nameof(block));
            default:
                throw new ArgumentException($"A reply cannot hold a {block.GetType().Name}.", nameof(block));
        }
    }
}

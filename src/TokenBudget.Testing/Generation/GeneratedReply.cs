namespace TokenBudget.Testing;

/// <summary>A reply as it is sent.</summary>
internal sealed record GeneratedReply(IReadOnlyList<GeneratedBlock> Blocks, int ReasoningTokens, string StopReason, string? StopSequence)
{
    /// <summary>Output tokens: at least 1, for even an empty answer ends with a token (assumed).</summary>
    public int Tokens => Math.Max(1, ReasoningTokens + Blocks.Sum(block => block.Tokens));

    /// <summary>What neither reasoning nor the blocks account for: the one token of an empty answer.</summary>
    public int UnspokenTokens => Tokens - ReasoningTokens - Blocks.Sum(block => block.Tokens);

    public static GeneratedReply Of(SimulatedReply reply, int maxTokens, IReadOnlyList<string> stopSequences)
    {
        var blocks = new List<GeneratedBlock>();
        // Reasoning comes first and is output too, so it can use up all the room (documented).
        var reasoning = Math.Min(reply.ReasoningTokens, maxTokens);
        var room = maxTokens - reasoning;
        foreach (var block in reply.Blocks)
        {
            string? stop = null;
            var whole = block is SimulatedTextBlock text ? TextOf(text.Text, stopSequences, out stop) : CallOf((SimulatedToolUseBlock)block);
            if (whole.Tokens > room)
            {
                if (room > 0)
                    blocks.Add(Cut(whole, room));
                return new GeneratedReply(blocks, reasoning, "max_tokens", null);
            }

            // An empty text is not sent: the real API has no empty blocks.
            if (whole.Call is not null || whole.Content.Length > 0)
                blocks.Add(whole);
            room -= whole.Tokens;
            if (stop is not null)
                return new GeneratedReply(blocks, reasoning, "stop_sequence", stop);
        }

        var reason = reply.StopReason ?? (blocks.Any(block => block.Call is not null) ? "tool_use" : "end_turn");
        return new GeneratedReply(blocks, reasoning, reason, null);
    }

    private static GeneratedBlock TextOf(string text, IReadOnlyList<string> stopSequences, out string? stop)
    {
        stop = null;
        var end = text.Length;
        foreach (var sequence in stopSequences)
        {
            var at = text.AsSpan(0, end).IndexOf(sequence, StringComparison.Ordinal);
            if (sequence.Length == 0 || at < 0)
                continue;
            end = at;
            stop = sequence;
        }

        var sent = text[..end];
        return new GeneratedBlock(sent, SimulatedTokenRule.Count(sent), null, IsWhole: true);
    }

    private static GeneratedBlock CallOf(SimulatedToolUseBlock call) =>
        new(call.InputJson, Frame(call) + SimulatedTokenRule.Count(call.InputJson), call, IsWhole: true);

    private static GeneratedBlock Cut(GeneratedBlock block, int tokens)
    {
        var frame = block.Call is null ? 0 : Frame(block.Call);
        return block with { Content = SimulatedTokenRule.Take(block.Content, Math.Max(0, tokens - frame)), Tokens = tokens, IsWhole = false };
    }

    private static int Frame(SimulatedToolUseBlock call) => SimulatedTokenRule.TokensPerBlock + SimulatedTokenRule.Count(call.Name);
}

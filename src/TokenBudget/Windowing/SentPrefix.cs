namespace TokenBudget.Windowing;

/// <summary>What a request has in common with the one before it: what the provider's prompt cache should have.</summary>
internal static class SentPrefix
{
    /// <summary>Tokens of the messages at the beginning that both send.</summary>
    /// <param name="cut">The window.</param>
    /// <param name="decision">What both leave out.</param>
    /// <param name="parts">The history.</param>
    /// <param name="tokensBefore">Tokens before each message.</param>
    public static long TokensOf(WindowCut cut, WindowDecision decision, MessageUnits parts, long[] tokensBefore)
    {
        var (state, previous, end, isCold) = decision;
        if (end == 0 || isCold)
            return 0;
        state = state with { Start = FirstUnitSent(cut, state.Start, parts.Units) };
        previous = previous with { Start = FirstUnitSent(cut, previous.Start, parts.Units) };
        if (state.Start == previous.Start)
        {
            // All of the request before, or what is in front of the first result that was cleared since.
            var same = Math.Max(previous.Start, previous.ClearedEnd);
            while (same < state.ClearedEnd && !cut.Clearable!.Saves(same))
                same++;
            same = same < state.ClearedEnd ? Math.Min(same, end) : end;
            return cut.SizeOf(state, same) - cut.FixedPart + SystemTokensBefore(parts.Units[same].First);
        }

        // What stays of a dropped part comes to stand in front of the user message.
        var (first, firstBefore) = (cut.FirstOf(state.Start), cut.FirstOf(previous.Start));
        var system = SystemTokensBefore(parts.Units[previous.Start].First);
        var isUserShared = first == firstBefore && system == SystemTokensBefore(parts.Units[state.Start].First);
        return system + (isUserShared ? tokensBefore[first + 1] - tokensBefore[first] : 0);

        long SystemTokensBefore(int message)
        {
            var tokens = 0L;
            foreach (var index in parts.System)
                if (index < message)
                    tokens += tokensBefore[index + 1] - tokensBefore[index];
            return tokens;
        }
    }

    /// <summary>A window that starts right behind the user message that goes in front of it is the same as one that starts with that.</summary>
    private static int FirstUnitSent(WindowCut cut, int start, List<MessageUnit> units) =>
        start > 0 && units[start - 1] is { IsUser: true, Count: 1 } user && cut.AnchorOf(start) == user.First && user.End == units[start].First ? start - 1 : start;

    /// <summary>The same of a history that is sent whole, as the one before was.</summary>
    /// <param name="messages">The history.</param>
    /// <param name="tokensBefore">Tokens before each message.</param>
    /// <param name="lifetime">How long the provider's cache keeps what nobody reads, if that is known.</param>
    public static long TokensOf(ReadOnlySpan<Microsoft.Extensions.AI.ChatMessage> messages, long[] tokensBefore, TimeSpan? lifetime)
    {
        var answer = messages.Length - 1;
        while (answer > 0 && messages[answer].Speaker() != Speaker.Model)
            answer--;
        while (answer > 0 && messages[answer - 1].Speaker() == Speaker.Model)
            answer--;
        for (var index = Math.Max(1, answer); index < messages.Length; index++)
            if (messages[index].CreatedAt - messages[index - 1].CreatedAt > lifetime)
                return 0;
        return answer <= 0 ? 0 : tokensBefore[answer];
    }
}

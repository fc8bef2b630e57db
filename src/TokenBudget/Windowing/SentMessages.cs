using Microsoft.Extensions.AI;

namespace TokenBudget.Windowing;

/// <summary>Puts together what is sent: system and pinned messages, the user message of the turn, and the newest part.</summary>
internal sealed class SentMessages
{
    /// <summary>What is sent.</summary>
    public required List<ChatMessage> Messages { get; init; }

    /// <summary>The first message of the unbroken newest part.</summary>
    public required int TailStart { get; init; }

    /// <summary>How many tool results were shortened.</summary>
    public int Truncated { get; private set; }

    /// <summary>How many tool results were cleared.</summary>
    public int Cleared { get; private set; }

    /// <param name="history">The history; not changed.</param>
    /// <param name="parts">Its parts.</param>
    /// <param name="cut">The window.</param>
    /// <param name="state">What it leaves out.</param>
    /// <param name="shortened">Messages to send in place of others, by index.</param>
    /// <param name="clearer">Clears tool results; none, they stay.</param>
    public static SentMessages Of(
        ReadOnlySpan<ChatMessage> history,
        MessageUnits parts,
        WindowCut cut,
        WindowState state,
        Dictionary<int, ChatMessage>? shortened,
        ToolResultClearer? clearer)
    {
        var tail = state.Start == 0 ? 0 : parts.Units[state.Start].First;
        var sent = new SentMessages { Messages = new List<ChatMessage>(history.Length - tail + parts.System.Count + 1), TailStart = tail };
        foreach (var index in parts.System)
            if (index < tail)
                sent.Messages.Add(history[index]);
        if (cut.AnchorOf(state.Start) is >= 0 and var anchor)
            sent.Messages.Add(history[anchor]);
        if (clearer is not null && cut.Clearable is { } clearable)
            for (var unit = state.Start; unit < state.ClearedEnd; unit++)
                if (clearable.Saves(unit))
                    tail = sent.AddCleared(history, tail, parts.Units[unit], clearer, shortened);
        sent.Add(history, tail, history.Length, shortened);
        return sent;
    }

    /// <summary>Adds what is in front of a unit, and the unit without its results.</summary>
    private int AddCleared(ReadOnlySpan<ChatMessage> history, int from, in MessageUnit unit, ToolResultClearer clearer, Dictionary<int, ChatMessage>? shortened)
    {
        Add(history, from, unit.First, shortened);
        for (var index = unit.First; index < unit.End; index++)
        {
            var message = clearer.Clear(history[index], history, unit, out var results);
            Messages.Add(message);
            Cleared += results;
        }

        return unit.End;
    }

    private void Add(ReadOnlySpan<ChatMessage> history, int from, int end, Dictionary<int, ChatMessage>? shortened)
    {
        if (shortened is null)
        {
            Messages.AddRange(history[from..end]);
            return;
        }

        for (var index = from; index < end; index++)
        {
            var message = history[index];
            if (shortened.TryGetValue(index, out var replacement))
                for (var content = 0; content < replacement.Contents.Count; content++)
                    Truncated += ReferenceEquals(replacement.Contents[content], message.Contents[content]) ? 0 : 1;
            Messages.Add(replacement ?? message);
        }
    }
}

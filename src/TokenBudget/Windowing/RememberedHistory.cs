using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Windowing;

/// <summary>The counts of one history, as far as it is still the same.</summary>
internal sealed class RememberedHistory
{
    private readonly Lock _gate = new();
    private RememberedMessage[] _messages = [];
    private long[] _before = [0];
    private int _count;

    /// <inheritdoc cref="HistoryMemory.TokensBefore"/>
    public long[] TokensBefore(ReadOnlySpan<ChatMessage> messages, MessageCounter counter)
    {
        lock (_gate)
        {
            var same = CountSame(messages, counter);
            if (same < messages.Length)
                Add(messages, same, counter);
            return _before;
        }
    }

    private int CountSame(ReadOnlySpan<ChatMessage> messages, MessageCounter counter)
    {
        var known = _messages.AsSpan(0, Math.Min(_count, messages.Length));
        for (var index = 0; index < known.Length; index++)
        {
            ref readonly var remembered = ref known[index];
            if (!remembered.IsOf(messages[index]) && !(remembered.IsUnknown && counter.Count(messages[index]) == _before[index + 1] - _before[index]))
                return index;
        }

        return known.Length;
    }

    private void Add(ReadOnlySpan<ChatMessage> messages, int from, MessageCounter counter)
    {
        // Others may still be reading what was handed out: numbers in it are never written again, a history that became another gets new ones.
        if (from < _count || messages.Length > _messages.Length)
        {
            var room = messages.Length > _messages.Length ? messages.Length * 2 : _messages.Length;
            _messages = [.. _messages.AsSpan(0, from), .. new RememberedMessage[room - from]];
            _before = [.. _before.AsSpan(0, from + 1), .. new long[room - from]];
        }

        for (_count = from; _count < messages.Length; _count++)
        {
            // What it consists of is taken down before it is counted: a change in between is then seen as a change.
            _messages[_count] = RememberedMessage.Of(messages[_count]);
            _before[_count + 1] = _before[_count] + counter.Count(messages[_count]);
        }
    }
}

namespace TokenBudget.Cli.Replay;

/// <summary>
/// Reference recall of one conversation: of the identifiers that an answer uses and that occurred earlier in the conversation, how many lie
/// in the context that was sent. See <see cref="Identifiers"/>. An identifier counts once an answer, however often the answer uses it.
/// </summary>
internal sealed class ReferenceIndex
{
    private readonly Dictionary<string, List<int>> _positions = new(StringComparer.Ordinal);
    private readonly List<HashSet<string>> _identifiers;
    private readonly int[] _sentIn;
    private int _count;
    private int _requests;

    public ReferenceIndex(ReplayedConversation conversation)
    {
        _identifiers = [.. conversation.Messages.Select(Identifiers.Of)];
        _sentIn = new int[conversation.Messages.Count];
    }

    /// <summary>Goes on to an answer: everything before it has occurred.</summary>
    /// <param name="position">The position of the answer.</param>
    public void MoveTo(int position)
    {
        for (; _count < position; _count++)
        {
            foreach (var identifier in _identifiers[_count])
            {
                if (!_positions.TryGetValue(identifier, out var occurrences))
                    _positions.Add(identifier, occurrences = []);
                occurrences.Add(_count);
            }
        }
    }

    /// <summary>What the answer at the current position uses of what occurred, and how much of that was sent.</summary>
    /// <param name="sent">What was sent.</param>
    public (int Used, int Found) Measure(SentMessages sent)
    {
        _requests++;
        foreach (var position in sent.Positions)
            _sentIn[position] = _requests;
        var shortened = sent.Shortened.ToDictionary(static entry => entry.Position, static entry => Identifiers.Of(entry.Message));
        var (used, found) = (0, 0);
        foreach (var identifier in _identifiers[_count])
        {
            if (!_positions.TryGetValue(identifier, out var occurrences))
                continue;
            used++;
            // Newest first: that is where a window nearly always has it.
            for (var index = occurrences.Count - 1; index >= 0; index--)
            {
                if (_sentIn[occurrences[index]] != _requests ||
                    (shortened.TryGetValue(occurrences[index], out var left) && !left.Contains(identifier)))
                    continue;
                found++;
                break;
            }
        }

        return (used, found);
    }
}

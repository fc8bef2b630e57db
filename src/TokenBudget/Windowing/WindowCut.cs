namespace TokenBudget.Windowing;

/// <summary>Finds the unit a window starts with.</summary>
internal sealed class WindowCut
{
    // Around its minimum the cost is flat: with steady growth, carrying three times as much is 15 % of what cutting can change ((√3 + 1/√3) / 2), but what is
    // carried longer is remembered longer.
    private const double Patience = 3;

    private readonly List<MessageUnit> _units;
    private readonly long[] _tokensBefore;
    private readonly int[] _messagesBefore;
    private readonly UserMessage?[] _userBefore;
    private readonly long _fixedPart;
    private readonly long _high;
    private readonly long _low;
    private readonly int _maxMessages;

    /// <param name="units">The units of the history.</param>
    /// <param name="fixedPart">Tokens of everything that is not a unit.</param>
    /// <param name="high">High-water mark in tokens.</param>
    /// <param name="low">Low-water mark in tokens.</param>
    /// <param name="maxMessages">The most messages; 0, no limit.</param>
    public WindowCut(List<MessageUnit> units, long fixedPart, long high, long low, int maxMessages)
    {
        _units = units;
        _fixedPart = fixedPart;
        _high = high;
        _low = low;
        _maxMessages = maxMessages;
        _tokensBefore = new long[units.Count + 1];
        _messagesBefore = new int[units.Count + 1];
        _userBefore = new UserMessage?[units.Count + 1];
        for (var index = 0; index < units.Count; index++)
        {
            _tokensBefore[index + 1] = _tokensBefore[index] + units[index].Tokens;
            _messagesBefore[index + 1] = _messagesBefore[index] + units[index].Count;
            _userBefore[index + 1] = units[index].User ?? _userBefore[index];
        }
    }

    /// <summary>The user message that goes in front of a window that starts inside a turn.</summary>
    public UserMessage? AnchorOf(int start) => start > 0 && !_units[start].IsUser ? _userBefore[start] : null;

    /// <summary>Tokens of the window from a unit to the end.</summary>
    public long SizeOf(int start) => SizeOf(start, _units.Count);

    /// <summary>The smallest window start that fits the high mark: what most windows do.</summary>
    public int Slide()
    {
        var start = 0;
        while (start < _units.Count - 1 && IsOver(start, _units.Count, _high, _maxMessages))
            start++;
        return ToUser(start);
    }

    /// <summary>The start after all cuts that the requests of this history have made.</summary>
    /// <param name="rewriteRatio">
    /// What rewriting a token costs more than reading it, in reads. Carrying what a cut would drop costs one read of it per request; when that has added
    /// up, since the last cut, to three times what rewriting the rest would cost, it is cut. This is the rent-or-buy rule (Karlin, Manasse, Rudolph, Sleator 1988): without
    /// knowing the future, it never pays more than a small multiple of what the best choice would have.
    /// </param>
    public int Replay(double rewriteRatio = double.PositiveInfinity)
    {
        var start = 0;
        var next = 0;
        var carried = 0.0;
        var isCold = false;
        for (var end = 1; end <= _units.Count; end++)
        {
            isCold |= _units[end - 1].IsAfterPause;
            // A request was made where something of the model follows, and one is being made at the end.
            if (end < _units.Count && _units[end].IsUser)
                continue;
            while (next < end - 1 && IsOver(next, end, _low, _maxMessages / 2))
                next++;
            if (next > start)
            {
                var rest = SizeOf(next, end);
                carried += Math.Max(0, SizeOf(start, end) - rest);
                // What is in front of all units stays in the cache.
                if (isCold || IsOver(start, end, _high, _maxMessages) || carried >= Patience * rewriteRatio * (rest - _fixedPart))
                {
                    start = next;
                    carried = 0;
                }
            }

            isCold = false;
        }

        return ToUser(start);
    }

    /// <summary>Where a history begins with something else than a user message, a window begins with the first one behind the cut.</summary>
    private int ToUser(int start)
    {
        if (start == 0 || _units[start].IsUser || _userBefore[start] is not null)
            return start;
        var user = _units.FindIndex(start, static unit => unit.IsUser);
        return user < 0 ? start : user;
    }

    private bool IsOver(int start, int end, long tokens, int messages) =>
        SizeOf(start, end) > tokens || (_maxMessages > 0 && CountOf(start, end) > messages);

    private long SizeOf(int start, int end) =>
        _fixedPart + _tokensBefore[end] - _tokensBefore[start] + (AnchorOf(start)?.Tokens ?? 0);

    private int CountOf(int start, int end) =>
        _messagesBefore[end] - _messagesBefore[start] + (AnchorOf(start) is null ? 0 : 1);
}

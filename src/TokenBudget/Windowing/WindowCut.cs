namespace TokenBudget.Windowing;

/// <summary>Finds what a window leaves out.</summary>
internal sealed class WindowCut
{
    // Around its minimum the cost is flat: with steady growth, carrying three times as much is 15 % of what cutting can change ((√3 + 1/√3) / 2), but what is
    // carried longer is remembered longer.
    private const double Patience = 3;

    private readonly List<MessageUnit> _units;
    private readonly long[] _messageTokensBefore;
    private readonly long[] _tokensBefore;
    private readonly int[] _messagesBefore;
    private readonly int[] _userBefore;

    /// <param name="units">The units of the history.</param>
    /// <param name="messageTokensBefore">Tokens before each message of the history.</param>
    public WindowCut(List<MessageUnit> units, long[] messageTokensBefore)
    {
        _units = units;
        _messageTokensBefore = messageTokensBefore;
        _tokensBefore = new long[units.Count + 1];
        _messagesBefore = new int[units.Count + 1];
        _userBefore = new int[units.Count + 1];
        _userBefore[0] = -1;
        for (var index = 0; index < units.Count; index++)
        {
            var unit = units[index];
            _tokensBefore[index + 1] = _tokensBefore[index] + unit.Tokens;
            _messagesBefore[index + 1] = _messagesBefore[index] + unit.Count;
            _userBefore[index + 1] = unit.User < 0 ? _userBefore[index] : unit.User;
        }
    }

    /// <summary>Tokens of everything that is not a unit.</summary>
    public required long FixedPart { get; init; }

    /// <summary>What makes a cut necessary.</summary>
    public required WindowLimits High { get; init; }

    /// <summary>What a cut leaves, where no unit alone is larger.</summary>
    public required WindowLimits Low { get; init; }

    /// <summary>When the units were made, where anybody says so.</summary>
    public UnitTimes? Times { get; init; }

    /// <summary>What clearing tool results leaves; none, they stay.</summary>
    public ClearableUnits? Clearable { get; init; }

    /// <summary>The user message that goes in front of a window that starts inside a turn; -1, none.</summary>
    public int AnchorOf(int start) => start > 0 && !_units[start].IsUser ? _userBefore[start] : -1;

    /// <summary>The first message of a unit that is sent.</summary>
    public int FirstOf(int start) => AnchorOf(start) is >= 0 and var anchor ? anchor : _units[start].First;

    /// <summary>Tokens of a window that ends before a unit.</summary>
    public long SizeOf(WindowState state, int end) =>
        FixedPart + _tokensBefore[end] - _tokensBefore[state.Start] + AnchorTokens(state.Start)
        - (Clearable is null ? 0 : Clearable.SavedBetween(state.Start, Math.Min(state.ClearedEnd, end)));

    /// <summary>Whether a window that ends before a unit is over limits.</summary>
    public bool IsOver(WindowState state, int end, in WindowLimits limits) =>
        SizeOf(state, end) > limits.Tokens
        || (limits.Messages > 0 && CountOf(state.Start, end) > limits.Messages)
        || (limits.Age > TimeSpan.Zero && Times is not null && end > 0 && Times.Between(state.Start, end - 1) > limits.Age);

    /// <summary>The least that has to be left out to keep to the high mark: what most windows do.</summary>
    public WindowDecision Slide()
    {
        // The newest unit that is not the user's is the answer to the request before.
        var previousEnd = Math.Max(0, _units.FindLastIndex(static unit => !unit.IsUser));
        var previous = previousEnd == 0 ? default : SlideAt(previousEnd);
        return new WindowDecision(SlideAt(_units.Count), previous, previousEnd, IsCold: false);
    }

    /// <summary>What is left out after all cuts that the requests of this history have made.</summary>
    /// <param name="terms">
    /// What the prompt cache charges. Carrying what a cut would leave out costs one read of it per request; when that has added
    /// up, since the last cut, to three times what rewriting the rest would cost, it is cut. This is the rent-or-buy rule (Karlin, Manasse, Rudolph, Sleator 1988): without
    /// knowing the future, it never pays more than a small multiple of what the best choice would have. Unset: the high mark alone decides.
    /// </param>
    /// <param name="drops">Whether units are left out; otherwise only tool results are cleared.</param>
    public WindowDecision Replay(PromptCacheTerms? terms, bool drops = true)
    {
        var patience = Patience * (terms?.RewriteRatio ?? double.PositiveInfinity);
        var decision = new WindowDecision();
        var next = new WindowState();
        var carried = 0.0;
        var isCold = false;
        var lastEnd = 0;
        for (var end = 1; end <= _units.Count; end++)
        {
            isCold |= terms is not null && Times is not null && Times.PauseOf(end - 1) > terms.Lifetime;
            // A request was made where something of the model follows, and one is being made at the end.
            if (end < _units.Count && _units[end].IsUser)
                continue;
            var state = decision.State;
            decision = new WindowDecision(state, state, lastEnd, isCold);
            // Limits on messages and age force a cut; only tokens are paid for.
            if (SizeOf(state, end) > Low.Tokens || IsOver(state, end, High))
            {
                next = Next(state, next, end, drops);
                if (IsMore(next, state))
                {
                    var rest = SizeOf(next, end);
                    carried += Math.Max(0, SizeOf(state, end) - rest);
                    if (isCold || IsOver(state, end, High) || carried >= patience * (rest - KeptInCache(state, next)))
                    {
                        decision = decision with { State = next };
                        carried = 0;
                    }
                }
            }

            isCold = false;
            lastEnd = end;
        }

        return decision with { State = ToUser(decision.State), Previous = ToUser(decision.Previous) };
    }

    /// <summary>What a cut would leave out: the oldest results are cleared until it is enough, and then units go.</summary>
    /// <param name="state">What is left out so far.</param>
    /// <param name="last">What the last cut that was considered would have left out: near what is looked for.</param>
    /// <param name="end">The unit before which the request ends.</param>
    /// <param name="drops">Whether units may go.</param>
    private WindowState Next(WindowState state, WindowState last, int end, bool drops)
    {
        var (start, cleared) = (Math.Max(last.Start, state.Start), Math.Max(last.ClearedEnd, state.ClearedEnd));
        if (Clearable is not null)
        {
            while (cleared > state.ClearedEnd && !IsOver(state with { ClearedEnd = cleared - 1 }, end, Low))
                cleared--;
            for (var border = Clearable.BorderAt(end); cleared < border && IsOver(state with { ClearedEnd = cleared }, end, Low);)
                cleared++;
            while (start > state.Start && !IsOver(new WindowState(start - 1, cleared), end, Low))
                start--;
        }

        while (drops && start < end - 1 && IsOver(new WindowState(start, cleared), end, Low))
            start++;
        return new WindowState(start, cleared);
    }

    private bool IsMore(WindowState next, WindowState state) =>
        next.Start > state.Start || Clearable?.SavedBetween(Math.Max(state.Start, state.ClearedEnd), next.ClearedEnd) > 0;

    /// <summary>Tokens in front of the first change a cut makes, which stay in the cache: of a cut that drops units, what is in front of all of them.</summary>
    private long KeptInCache(WindowState state, WindowState next) =>
        next.Start > state.Start ? FixedPart : SizeOf(state, Math.Max(state.Start, state.ClearedEnd));

    private WindowState SlideAt(int end)
    {
        var state = new WindowState();
        if (Clearable is not null)
            for (var border = Clearable.BorderAt(end); state.ClearedEnd < border && IsOver(state, end, High);)
                state = state with { ClearedEnd = state.ClearedEnd + 1 };
        while (state.Start < end - 1 && IsOver(state, end, High))
            state = state with { Start = state.Start + 1 };
        return ToUser(state);
    }

    /// <summary>Where a history begins with something else than a user message, a window begins with the first one behind the cut.</summary>
    private WindowState ToUser(WindowState state)
    {
        if (state.Start == 0 || _units[state.Start].IsUser || _userBefore[state.Start] >= 0)
            return state;
        var user = _units.FindIndex(state.Start, static unit => unit.IsUser);
        return user < 0 ? state : state with { Start = user };
    }

    private long AnchorTokens(int start) =>
        AnchorOf(start) is >= 0 and var anchor ? _messageTokensBefore[anchor + 1] - _messageTokensBefore[anchor] : 0;

    private int CountOf(int start, int end) =>
        _messagesBefore[end] - _messagesBefore[start] + (AnchorOf(start) < 0 ? 0 : 1);
}

namespace TokenBudget.Counting.Learning;

/// <summary>The last three conversations of an agent, or of those of its requests that begin with the same system messages.</summary>
/// <remarks>Guarded by the learner's lock.</remarks>
internal sealed class RecentConversations
{
    private const int Remembered = 3;

    // The newest first.
    private readonly List<ConversationReports> _recent = new(Remembered + 1);
    private CalibrationLine? _before;

    /// <summary>What a new conversation is estimated by; none before anything is known.</summary>
    public CalibrationLine? Line { get; private set; }

    /// <summary>Learns from a conversation's newest request.</summary>
    /// <param name="conversation">The conversation with its newest report.</param>
    /// <param name="report">That report.</param>
    /// <param name="ratio">The agent's.</param>
    /// <param name="now">What was believed until now.</param>
    public void Learn(ConversationReports conversation, Report report, double ratio, CalibrationLine now)
    {
        _before ??= now;
        var known = _recent.FindIndex(other => ReferenceEquals(other.Conversation, conversation.Conversation));
        if (known >= 0)
            _recent.RemoveAt(known);
        else if (_recent.Count == Remembered)
            _recent.RemoveAt(Remembered - 1);
        _recent.Insert(0, conversation);
        Line = now.MoveTo(new CalibrationLine(ratio, Constant(ratio, _before.Estimate(report.Counted) - (ratio * report.Counted))), report.Counted);
    }

    private double Constant(double ratio, double before) => _recent switch
    {
        [var only] => only.BelievedConstant(ratio),
        [var newer, var older] => Median.Of(newer.Constant(ratio), older.Constant(ratio), before),
        _ => Median.Of(_recent[0].Constant(ratio), _recent[1].Constant(ratio), _recent[2].Constant(ratio)),
    };
}

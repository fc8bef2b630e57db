namespace TokenBudget.Counting.Learning;

/// <summary>
/// What the last three requests of one conversation were reported to have, as one of its requests sees them: what continues that request goes on
/// from here, each branch by itself.
/// </summary>
/// <remarks>Guarded by the learner's lock, but for <see cref="Line"/>, which anybody reads.</remarks>
internal sealed class ConversationReports
{
    private const int Remembered = 3;

    // A single report of a conversation is believed at once up to so much beside what others had; beyond that it could as well be wrong.
    private const double BelievedAtOnce = 8_192;

    // Made with the first: most are never reported on before they are forgotten, and a new one has none.
    private Report[] _reports = [];
    private int _count;
    private CalibrationLine? _before;
    private CalibrationLine? _line;

    /// <summary>A conversation nobody knows, of one request.</summary>
    public ConversationReports()
    {
        Conversation = this;
    }

    /// <summary>A request of a conversation.</summary>
    /// <param name="signature">Of all its messages.</param>
    /// <param name="head">Of the system messages it begins with.</param>
    /// <param name="continued">The request it goes on from; none for the first of a conversation.</param>
    /// <param name="line">What a new conversation is estimated by; none, by what its agent's are.</param>
    public ConversationReports(ulong signature, ulong head, ConversationReports? continued, CalibrationLine? line)
    {
        (Signature, Head) = (signature, head);
        Conversation = continued?.Conversation ?? this;
        _line = line;
        if (continued is null)
            return;
        _reports = [.. continued._reports];
        (_count, _before, _line) = (continued._count, continued._before, continued._line);
    }

    /// <summary>Of all messages of the request; none for a conversation nobody knows.</summary>
    public ulong? Signature { get; }

    /// <summary>Of the system messages it begins with.</summary>
    public ulong Head { get; }

    /// <summary>The same for all requests of a conversation.</summary>
    public object Conversation { get; }

    /// <summary>What the conversation is estimated by; none as long as nothing is known but of its agent.</summary>
    public CalibrationLine? Line => Volatile.Read(ref _line);

    public Report? Newest => _count == 0 ? null : _reports[0];

    /// <summary>Learns what the request was reported to have.</summary>
    /// <param name="report">That.</param>
    /// <param name="ratio">The agent's.</param>
    /// <param name="agent">What the agent's requests are estimated by.</param>
    public void Learn(Report report, double ratio, CalibrationLine agent)
    {
        var now = _line ?? agent;
        _before ??= now;
        if (_count == 0)
            _reports = new Report[Remembered];
        (_reports[2], _reports[1], _reports[0]) = (_reports[1], _reports[0], report);
        _count = Math.Min(_count + 1, Remembered);
        Volatile.Write(ref _line, now.MoveTo(new CalibrationLine(ratio, BelievedConstant(ratio)), report.Counted));
    }

    /// <summary>The conversation's constant, as far as it is believed when nothing confirms it.</summary>
    public double BelievedConstant(double ratio) => _count == 1 && Math.Abs(_reports[0].Above(ratio) - Before(ratio)) > BelievedAtOnce ? Before(ratio) : Constant(ratio);

    /// <summary>The conversation's constant: the median of its reports; of two and what was believed before them.</summary>
    public double Constant(double ratio) => _count switch
    {
        1 => _reports[0].Above(ratio),
        2 => Median.Of(_reports[0].Above(ratio), _reports[1].Above(ratio), Before(ratio)),
        _ => Median.Of(_reports[0].Above(ratio), _reports[1].Above(ratio), _reports[2].Above(ratio)),
    };

    /// <summary>The constant that was believed before the first report, were the ratio that.</summary>
    private double Before(double ratio) => _before is null ? 0 : _before.Estimate(_reports[0].Counted) - (ratio * _reports[0].Counted);
}

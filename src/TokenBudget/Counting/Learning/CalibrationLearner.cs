using Microsoft.Extensions.AI;

namespace TokenBudget.Counting.Learning;

/// <summary>Learns from all reports of a model as one agent uses it: the ratio, and what its requests have besides what is counted.</summary>
/// <remarks>Thread-safe. Memory is bounded: it knows the last thousand requests at most, and of them a few numbers.</remarks>
internal sealed class CalibrationLearner(double initialRatio)
{
    private const int FewestReports = 3;
    private const int SmallestReport = 200;
    private const int Requests = 512;
    private const int Heads = 64;

    // A request goes on from one that had this many messages fewer at most.
    private const int LookBack = 64;

    private readonly Lock _gate = new();
    private readonly RatioLearner _ratio = new(initialRatio);
    private readonly RecentConversations _all = new();
    private readonly RecentTable<RecentConversations> _heads = new(Heads);
    private readonly RecentTable<ConversationReports> _requests = new(Requests);
    private CalibrationLine _line = new(initialRatio, 0);
    private Report? _newest;
    private long _count;
    private int _restored;
    private bool _knowsRequests;

    public CalibrationLine Line => Volatile.Read(ref _line);

    public int Samples
    {
        get
        {
            lock (_gate)
                return (int)Math.Min(int.MaxValue, _restored + _count);
        }
    }

    /// <summary>What is known of the conversation that a request goes on with: of the longest request that it begins with all messages of, and has more.</summary>
    public ConversationReports Find(IReadOnlyList<ChatMessage> messages)
    {
        Span<ulong> beginnings = stackalloc ulong[LookBack];
        var signature = ConversationSignature.Empty;
        var head = signature;
        var isHead = true;
        for (var index = 0; index < messages.Count; index++)
        {
            beginnings[index % LookBack] = signature;
            signature = ConversationSignature.With(signature, messages[index]);
            if (isHead &= messages[index].Role == ChatRole.System)
                head = signature;
        }

        // Of an agent whose requests are too small to learn from, none is ever known.
        if (!Volatile.Read(ref _knowsRequests))
            return new ConversationReports(signature, head, continued: null, line: null);
        lock (_gate)
        {
            ConversationReports? continued = null;
            for (var length = messages.Count - 1; continued is null && length > 0 && length >= messages.Count - LookBack; length--)
                continued = _requests.Find(beginnings[length % LookBack]);
            return new ConversationReports(signature, head, continued, _heads.Find(head)?.Line);
        }
    }

    /// <summary>Learns what a request was reported to have.</summary>
    /// <returns>Whether the estimates of the agent's new conversations have changed.</returns>
    public bool Learn(ConversationReports conversation, Report report)
    {
        if (report.Counted <= 0 || report.Reported < SmallestReport)
            return false;
        lock (_gate)
        {
            if ((conversation.Newest ?? _newest) is { } before)
                _ratio.Learn(before, report);
            _newest = report;
            _count++;
            var ratio = _ratio.Ratio();
            conversation.Learn(report, ratio, _line);
            if (conversation.Signature is { } signature)
            {
                Volatile.Write(ref _knowsRequests, true);
                _requests.Set(signature, conversation);
                LearnHead(conversation, report, ratio);
            }

            _all.Learn(conversation, report, ratio, _line);
            if (_count < FewestReports || _all.Line == _line)
                return false;
            Volatile.Write(ref _line, _all.Line!);
            return true;
        }
    }

    /// <summary>Goes on from what was learned before, unless something has been learned since.</summary>
    public void Restore(CalibrationState learned)
    {
        if (!double.IsFinite(learned.Ratio) || !double.IsFinite(learned.Constant))
            return;
        lock (_gate)
        {
            if (_count > 0 || _restored > 0)
                return;
            _restored = Math.Max(0, learned.Samples);
            Volatile.Write(ref _line, new CalibrationLine(learned.Ratio, learned.Constant));
            _ratio.Restart(_line.Ratio);
        }
    }

    private void LearnHead(ConversationReports conversation, Report report, double ratio)
    {
        var head = _heads.Find(conversation.Head);
        if (head is null)
            _heads.Set(conversation.Head, head = new RecentConversations());
        head.Learn(conversation, report, ratio, head.Line ?? _line);
    }
}

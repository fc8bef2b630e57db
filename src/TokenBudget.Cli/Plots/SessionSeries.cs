using TokenBudget.Cli.Replay;

namespace TokenBudget.Cli.Plots;

/// <summary>The requests of the longest conversation seen, by setting: what a session plot shows.</summary>
internal sealed class SessionSeries
{
    private Dictionary<ReplaySetting, List<ReplayedRequest>> _current = [];
    private ReplayedConversation? _conversation;
    private int _length;

    /// <summary>The requests of each setting, in order; of the conversation with the most.</summary>
    public IReadOnlyDictionary<ReplaySetting, List<ReplayedRequest>> Longest { get; private set; } = new Dictionary<ReplaySetting, List<ReplayedRequest>>();

    public void Add(ReplayedRequest request)
    {
        if (!ReferenceEquals(_conversation, request.Conversation))
            (_conversation, _current) = (request.Conversation, []);
        if (!_current.TryGetValue(request.Setting, out var requests))
            _current.Add(request.Setting, requests = []);
        requests.Add(request);
        if (requests.Count > _length)
            (Longest, _length) = (_current, requests.Count);
    }
}

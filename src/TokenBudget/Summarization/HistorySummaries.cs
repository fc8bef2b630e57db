using TokenBudget.Caching;
using TokenBudget.Conversations;

namespace TokenBudget.Summarization;

/// <summary>What is known of the histories that callers keep and send whole with every call: summaries by the messages they stand for. Thread-safe.</summary>
/// <param name="store">Where they outlive the process; <see langword="null"/>, nowhere.</param>
/// <remarks>In memory it knows the 1,000 to 2,000 histories that were used last. In the store they stay until they are removed for their age.</remarks>
internal sealed class HistorySummaries(IConversationStore? store)
{
    private const int Capacity = 1_000;

    private readonly Lock _gate = new();
    private Dictionary<CacheKey, KnownHistory> _recent = [];
    private Dictionary<CacheKey, KnownHistory> _older = [];

    /// <summary>What is known of histories with a common beginning.</summary>
    /// <param name="root">The key of the beginning.</param>
    public KnownHistory Of(CacheKey root)
    {
        lock (_gate)
        {
            if (_recent.TryGetValue(root, out var known))
                return known;
            if (!_older.Remove(root, out known))
                known = new KnownHistory(store, $"history-{root}");
            if (_recent.Count == Capacity)
                (_older, _recent) = (_recent, []);
            _recent.Add(root, known);
            return known;
        }
    }
}

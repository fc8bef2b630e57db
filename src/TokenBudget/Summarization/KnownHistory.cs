using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget.Summarization;

/// <summary>
/// The summaries of histories that begin alike up to their second turn. Kept in the store as a conversation of their own, one message a summary, so that
/// a summary and what it stands for are written in one transaction, forgotten by age and exported like everything else there. Thread-safe.
/// </summary>
/// <param name="store">Where they outlive the process, if anywhere.</param>
/// <param name="id">The id of that conversation.</param>
internal sealed class KnownHistory(IConversationStore? store, string id)
{
    private const string PrefixProperty = "tokenbudget.prefix";
    private const string ThroughProperty = "tokenbudget.through";

    // Of histories that begin alike and were summarized hundreds of times, the newest summaries are enough.
    private const int MaxTokens = 50_000;
    private const int MaxAttempts = 5;

    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private long _version;
    private DateTimeOffset? _lastSent;
    private bool _isLoaded = store is null;

    /// <summary>What the histories are known by.</summary>
    public string Id => id;

    /// <summary>One summary at a time.</summary>
    public SummaryGate Gate { get; } = new();

    /// <summary>Notes that a prompt of one of the histories is sent.</summary>
    /// <param name="now">The time.</param>
    /// <returns>When the one before was sent.</returns>
    public DateTimeOffset? Send(DateTimeOffset now)
    {
        lock (_gate)
        {
            var before = _lastSent;
            _lastSent = now;
            return before;
        }
    }

    /// <summary>Reads what the store has, once.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        bool isLoaded;
        lock (_gate)
            isLoaded = _isLoaded;
        if (!isLoaded)
            await ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads what others have stored since.</summary>
    public async ValueTask ReadAsync(CancellationToken cancellationToken)
    {
        if (store is null)
            return;
        var slice = await store.ReadAsync(id, MaxTokens, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            foreach (var counted in slice.Messages)
                // What is found at first is used at once: nobody knows what the provider still has in its cache. Later ones wait for their time.
                if (EntryOf(counted) is { } entry && !_entries.Exists(known => known.Prefix == entry.Prefix))
                    _entries.Add(entry with { IsUsed = !_isLoaded });
            _version = Math.Max(_version, slice.Version);
            _isLoaded = true;
        }
    }

    /// <summary>The summaries of a history: the one its prompt carries, and the newest.</summary>
    public (ConversationSummary? Sent, ConversationSummary? Newest) Find(PrefixChain chain)
    {
        lock (_gate)
        {
            Entry? sent = null;
            Entry? newest = null;
            foreach (var entry in _entries)
            {
                if (chain.KeyOf(entry.Summary.ThroughSequence + 1)?.ToString() != entry.Prefix)
                    continue;
                newest = Longer(newest, entry);
                if (entry.IsUsed)
                    sent = Longer(sent, entry);
            }

            return (sent?.Summary, newest?.Summary);
        }
    }

    /// <summary>Keeps a summary of the messages with the given key.</summary>
    /// <returns>Whether it was kept; not, when somebody has kept one of the same messages.</returns>
    public async ValueTask<bool> SaveAsync(string prefix, ConversationSummary summary, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            long version;
            lock (_gate)
            {
                if (_entries.Exists(known => known.Prefix == prefix))
                    return false;
                version = _version;
            }

            try
            {
                if (store is not null)
                    version = await store.AppendTurnAsync(id, version, [MessageOf(prefix, summary)], cancellationToken).ConfigureAwait(false);
                lock (_gate)
                {
                    _version = Math.Max(_version, version);
                    _entries.Add(new Entry(prefix, summary, IsUsed: false));
                    return true;
                }
            }
            catch (ConversationConflictException) when (attempt < MaxAttempts)
            {
                lock (_gate)
                    _version = 0;
                await ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Notes that a summary stands in prompts from now on.</summary>
    public void Use(ConversationSummary summary)
    {
        lock (_gate)
        {
            var index = _entries.FindIndex(entry => entry.Summary == summary);
            if (index >= 0)
                _entries[index] = _entries[index] with { IsUsed = true };
        }
    }

    private static Entry Longer(Entry? one, Entry other) => one is not null && one.Summary.ThroughSequence >= other.Summary.ThroughSequence ? one : other;

    private static CountedMessage MessageOf(string prefix, ConversationSummary summary) => new(
        new ChatMessage(ChatRole.Assistant, summary.Text)
        {
            CreatedAt = summary.CreatedAt,
            AdditionalProperties = new() { [PrefixProperty] = prefix, [ThroughProperty] = summary.ThroughSequence.ToString(CultureInfo.InvariantCulture) },
        },
        summary.Tokens);

    private static Entry? EntryOf(CountedMessage counted)
    {
        var message = counted.Message;
        if (message.Text.Length == 0 || message.AdditionalProperties is not { } properties)
            return null;
        return properties.TryGetValue(PrefixProperty, out var prefix) && properties.TryGetValue(ThroughProperty, out var through)
            && long.TryParse(through?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? new Entry(prefix?.ToString() ?? "", new ConversationSummary(message.Text, sequence, counted.Tokens, message.CreatedAt ?? default), IsUsed: false)
            : null;
    }

    /// <param name="Prefix">The key of the messages it stands for.</param>
    /// <param name="Summary">The summary.</param>
    /// <param name="IsUsed">Whether prompts carry it.</param>
    private sealed record Entry(string Prefix, ConversationSummary Summary, bool IsUsed);
}

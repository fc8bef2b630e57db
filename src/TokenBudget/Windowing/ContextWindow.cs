using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Windowing;

/// <summary>
/// Decides which messages of a history are sent, so that a request stays within its limit: a pure function of the history,
/// the limits and the counter. Histories are never changed.
/// </summary>
/// <remarks>
/// <para>Below the limit (with prompt-cache terms: below the low-water mark) the result is the history itself. Above it, all system and pinned messages stay, in order; the rest is cut at the
/// border of a unit (a user message, an answer, or a tool call with its results and reasoning), so that what is sent is an
/// unbroken newest part. When the cut falls inside a turn, the user message that began the turn is kept in front of it.</para>
/// <para><see cref="WindowPolicy.Economic"/> replays the history: at every point where a request was made it asks whether the window
/// was over the high-water mark (or, told what the prompt cache charges, whether carrying on has become dearer than cutting) and, if so,
/// cuts to the low-water mark. The same history therefore always has the same cuts, a longer one keeps the cuts of a shorter one, and
/// between two cuts requests share their prefix with the provider's cache.</para>
/// <para>Time and memory are linear in the number of messages. Thread-safe.</para>
/// </remarks>
public sealed class ContextWindow : IChatReducer
{
    private readonly ContextWindowOptions _options;
    private readonly MessageCounter _counter;
    private readonly ToolResultTruncator _truncator;

    /// <summary>A window with given limits.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="counter">Counts messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limits contradict each other.</exception>
    public ContextWindow(ContextWindowOptions options, MessageCounter counter)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(counter);
        options.Validate();
        _options = options;
        _counter = counter;
        _truncator = new ToolResultTruncator(counter);
    }

    /// <summary>Decides what to send.</summary>
    /// <param name="messages">The whole history, oldest first.</param>
    /// <param name="fixedTokens">Tokens every request carries besides: instructions, tool schemas, the reserve for the answer.</param>
    /// <param name="calibration">Corrects the counter to the model's tokens; unset, they are taken to be the same.</param>
    /// <returns>The messages and a report in the counter's tokens.</returns>
    /// <exception cref="ContextOverflowException">What must be sent does not fit.</exception>
    public ContextReduction Reduce(IReadOnlyList<ChatMessage> messages, long fixedTokens = 0, TokenCalibration? calibration = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var high = calibration?.ToCountedRequest(_options.MaxTokens) ?? _options.MaxTokens;
        var low = calibration?.ToCountedRequest(_options.LowMark) ?? _options.LowMark;
        var parts = MessageUnits.Of(messages, _counter, Economics?.Lifetime);
        var fixedPart = parts.SystemTokens + fixedTokens + MessageCounter.TokensPerRequest;
        // What every request carries may fill the low mark by itself: every history would be over it, and cut at once.
        if (fixedPart > low / 2)
            low = Math.Max(low, fixedPart + ((high - fixedPart) / 4));
        var before = fixedPart + parts.Units.Sum(static unit => unit.Tokens);
        var body = messages.Count - parts.System.Count;
        var overTokens = before > high;
        if (_options.Policy == WindowPolicy.None && overTokens)
            throw Overflow("The history", before, calibration);
        var overMessages = _options.MaxMessages > 0 && body > _options.MaxMessages;
        if (_options.Policy == WindowPolicy.None || (!overMessages && before <= (Economics is null ? high : low)))
            return new ContextReduction(messages, Report(messages, messages.Count, before, before, ReductionReason.None, 0, 0));

        var shortened = _options.Oversize == OversizeHandling.TruncateToolResults
            ? _truncator.ShortenOversizeUnits(messages, parts.Units, high - fixedPart, low - fixedPart)
            : null;
        var cut = new WindowCut(parts.Units, fixedPart, high, low, _options.MaxMessages);
        var start = _options.Policy == WindowPolicy.Sliding ? cut.Slide() : cut.Replay(Economics?.RewriteRatio ?? double.PositiveInfinity);
        var after = cut.SizeOf(start);
        if (after > high)
            throw Overflow("The newest message, with what must go with it,", after, calibration);

        var tail = TailStart(parts.Units, start);
        var truncated = ShortenedFrom(tail, messages, shortened);
        // One part alone may have more messages than allowed; it is not taken apart.
        if (start == 0 && truncated == 0)
            return new ContextReduction(messages, Report(messages, messages.Count, before, before, ReductionReason.None, 0, 0));

        var kept = Assemble(messages, parts, cut, start, shortened);
        var reason = start == 0 ? ReductionReason.Oversize
            : overTokens ? ReductionReason.Tokens
            : overMessages ? ReductionReason.Messages
            : ReductionReason.Economy;
        return new ContextReduction(kept, Report(messages, kept.Count, before, after, reason, tail, truncated));
    }

    /// <inheritdoc/>
    Task<IEnumerable<ChatMessage>> IChatReducer.ReduceAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken) =>
        Task.FromResult<IEnumerable<ChatMessage>>(Reduce(messages as IReadOnlyList<ChatMessage> ?? [.. messages]).Messages);

    /// <summary>The prompt cache's terms, where the policy asks for them.</summary>
    private PromptCacheTerms? Economics => _options.Policy == WindowPolicy.Economic ? _options.PromptCache : null;

    private static List<ChatMessage> Assemble(
        IReadOnlyList<ChatMessage> messages,
        MessageUnits parts,
        WindowCut cut,
        int start,
        Dictionary<int, ChatMessage>? shortened)
    {
        var tail = TailStart(parts.Units, start);
        var kept = new List<ChatMessage>(messages.Count - tail + parts.System.Count + 1);
        foreach (var index in parts.System)
            if (index < tail)
                kept.Add(messages[index]);
        if (cut.AnchorOf(start) is { } anchor)
            kept.Add(messages[anchor.Index]);
        for (var index = tail; index < messages.Count; index++)
            kept.Add(shortened is not null && shortened.TryGetValue(index, out var replacement) ? replacement : messages[index]);
        return kept;
    }

    private static int ShortenedFrom(int tail, IReadOnlyList<ChatMessage> messages, Dictionary<int, ChatMessage>? shortened)
    {
        var count = 0;
        foreach (var (index, replacement) in shortened ?? [])
            if (index >= tail)
                for (var content = 0; content < replacement.Contents.Count; content++)
                    count += ReferenceEquals(replacement.Contents[content], messages[index].Contents[content]) ? 0 : 1;
        return count;
    }

    private static int TailStart(List<MessageUnit> units, int start) => start == 0 ? 0 : units[start].First;

    private ReductionReport Report(
        IReadOnlyList<ChatMessage> messages, int kept, long before, long after, ReductionReason reason, int tail, int truncated) => new()
    {
        TokensBefore = before,
        TokensAfter = after,
        MessagesBefore = messages.Count,
        MessagesAfter = kept,
        Reason = reason,
        TailStart = tail,
        TruncatedResults = truncated,
    };

    private ContextOverflowException Overflow(string what, long counted, TokenCalibration? calibration) => new(
        what,
        calibration?.ToProviderRequest(counted) ?? counted,
        _options.MaxTokens,
        "Raise MaxContextTokens, lower MaxOutputTokens, or bound the parameter that carries the text with [MaxTokens].");
}

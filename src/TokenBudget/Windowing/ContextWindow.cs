using System.Runtime.InteropServices;
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
/// <para>Time and memory are linear in the number of messages. The counts of a history are remembered for as long as its first message lives, and until one of
/// its messages is changed. Thread-safe.</para>
/// </remarks>
public sealed class ContextWindow : IChatReducer
{
    private readonly ContextWindowOptions _options;
    private readonly HistoryMemory _memory;
    private readonly ToolResultTruncator _truncator;
    private readonly ToolResultClearer? _clearer;

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
        _memory = new HistoryMemory(counter);
        _truncator = new ToolResultTruncator(counter);
        _clearer = options.ClearToolResults is { } clearing ? new ToolResultClearer(clearing, counter) : null;
    }

    /// <summary>Decides what to send.</summary>
    /// <param name="messages">The whole history, oldest first.</param>
    /// <param name="fixedTokens">Tokens every request carries besides: instructions, tool schemas, the reserve for the answer.</param>
    /// <param name="calibration">Corrects the counter to the model's tokens; unset, they are taken to be the same.</param>
    /// <returns>The messages and a report in the counter's tokens.</returns>
    /// <exception cref="ContextOverflowException">What must be sent does not fit.</exception>
    public ContextReduction Reduce(IReadOnlyList<ChatMessage> messages, long fixedTokens = 0, TokenCalibration? calibration = null)
    {
        var (whole, reduction) = Decide(messages, fixedTokens, calibration);
        return reduction ?? Whole(whole.Messages, whole.TokensBefore, whole.SharedTokens);
    }

    /// <summary>The same without a report, which most requests need not.</summary>
    internal SentRequest Send(IReadOnlyList<ChatMessage> messages, long fixedTokens, TokenCalibration calibration)
    {
        var (whole, reduction) = Decide(messages, fixedTokens, calibration);
        return reduction is null ? whole : new SentRequest(reduction.Messages, reduction.Report.TokensBefore, reduction.Report.TokensAfter, reduction.Report.SharedTokens);
    }

    /// <returns>The history, where it is sent as it is; what is left of it otherwise.</returns>
    private (SentRequest Whole, ContextReduction? Reduction) Decide(IReadOnlyList<ChatMessage> messages, long fixedTokens, TokenCalibration? calibration)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var history = SpanOf(messages);
        var tokensBefore = _memory.TokensBefore(history);
        var high = calibration?.ToCountedRequest(_options.MaxTokens) ?? _options.MaxTokens;
        var low = calibration?.ToCountedRequest(_options.LowMark) ?? _options.LowMark;
        var before = tokensBefore[history.Length] + fixedTokens + MessageCounter.TokensPerRequest;
        return IsWithin(history, before, high, low)
            ? (new SentRequest(messages, before, before, SentPrefix.TokensOf(history, tokensBefore, _options.PromptCache?.Lifetime)), null)
            : (default, Cut(messages, history, tokensBefore, before, high, low, fixedTokens, calibration));
    }

    private ContextReduction Cut(
        IReadOnlyList<ChatMessage> messages, ReadOnlySpan<ChatMessage> history, long[] tokensBefore, long before, long high, long low, long fixedTokens, TokenCalibration? calibration)
    {
        var parts = MessageUnits.Of(history, tokensBefore);
        var fixedPart = parts.SystemTokens + fixedTokens + MessageCounter.TokensPerRequest;
        // What every request carries may fill the low mark by itself: every history would be over it, and cut at once.
        if (fixedPart > low / 2)
            low = Math.Max(low, fixedPart + ((high - fixedPart) / 4));
        var isBounded = _options.Policy != WindowPolicy.None;
        var clearable = _clearer?.Measure(history, parts.Units);
        var shortened = isBounded && _options.Oversize == OversizeHandling.TruncateToolResults
            ? _truncator.ShortenOversizeUnits(history, tokensBefore, parts.Units, high - fixedPart, low - fixedPart)
            : null;
        clearable?.Seal(parts.Units);
        var cut = new WindowCut(parts.Units, tokensBefore)
        {
            FixedPart = fixedPart,
            High = isBounded ? new WindowLimits(high, _options.MaxMessages, _options.MaxAge) : new WindowLimits(high, 0, TimeSpan.Zero),
            Low = isBounded ? new WindowLimits(low, _options.MaxMessages == 1 ? 1 : _options.MaxMessages / 2, _options.MaxAge / 2) : new WindowLimits(low, 0, TimeSpan.Zero),
            Times = _options.PromptCache is null && _options.MaxAge == TimeSpan.Zero ? null : UnitTimes.Of(history, parts.Units),
            Clearable = clearable,
        };
        var decision = _options.Policy switch
        {
            WindowPolicy.Sliding => cut.Slide(),
            WindowPolicy.None => cut.Replay(terms: null, drops: false),
            _ => cut.Replay(_options.PromptCache),
        };
        var after = cut.SizeOf(decision.State, parts.Units.Count);
        if (after > high)
            throw Overflow(isBounded ? "The newest message, with what must go with it," : "The history", after, calibration);

        var sent = SentMessages.Of(history, parts, cut, decision.State, shortened, _clearer);
        var shared = SentPrefix.TokensOf(cut, decision, parts, tokensBefore);
        // One part alone may have more messages than allowed; it is not taken apart.
        if (decision.State.Start == 0 && sent.Truncated + sent.Cleared == 0)
            return Whole(messages, before, shared);
        return new ContextReduction(sent.Messages, new ReductionReport
        {
            TokensBefore = before,
            TokensAfter = after,
            MessagesBefore = messages.Count,
            MessagesAfter = sent.Messages.Count,
            Reason = decision.State == default ? ReductionReason.Oversize : before > high ? ReductionReason.Tokens : ReasonOf(cut, parts.Units.Count),
            TailStart = sent.TailStart,
            TruncatedResults = sent.Truncated,
            ClearedResults = sent.Cleared,
            SharedTokens = shared,
        });
    }

    /// <inheritdoc/>
    Task<IEnumerable<ChatMessage>> IChatReducer.ReduceAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken) =>
        Task.FromResult<IEnumerable<ChatMessage>>(Reduce(messages as IReadOnlyList<ChatMessage> ?? [.. messages]).Messages);

    /// <summary>Up to here nothing is cut, whatever the history looks like.</summary>
    private bool IsWithin(ReadOnlySpan<ChatMessage> history, long tokens, long high, long low) => _options.Policy switch
    {
        WindowPolicy.None => tokens <= high,
        WindowPolicy.Economic when _options.PromptCache is not null && tokens > low => false,
        _ => tokens <= high && (_options.MaxMessages == 0 || history.Length <= _options.MaxMessages) && _options.MaxAge == TimeSpan.Zero,
    };

    private static ReductionReason ReasonOf(WindowCut cut, int end)
    {
        if (cut.IsOver(default, end, cut.High with { Age = TimeSpan.Zero }))
            return ReductionReason.Messages;
        return cut.IsOver(default, end, cut.High) ? ReductionReason.Age : ReductionReason.Economy;
    }

    private static ContextReduction Whole(IReadOnlyList<ChatMessage> messages, long tokens, long shared) => new(messages, new ReductionReport
    {
        TokensBefore = tokens,
        TokensAfter = tokens,
        MessagesBefore = messages.Count,
        MessagesAfter = messages.Count,
        Reason = ReductionReason.None,
        TailStart = 0,
        SharedTokens = shared,
    });

    private static ReadOnlySpan<ChatMessage> SpanOf(IReadOnlyList<ChatMessage> messages) => messages switch
    {
        List<ChatMessage> list => CollectionsMarshal.AsSpan(list),
        ChatMessage[] array => array,
        _ => messages.ToArray(),
    };

    private ContextOverflowException Overflow(string what, long counted, TokenCalibration? calibration) => new(
        what,
        calibration?.ToProviderRequest(counted) ?? counted,
        _options.MaxTokens,
        "Raise MaxContextTokens, lower MaxOutputTokens, or bound the parameter that carries the text with [MaxTokens].");
}

using Microsoft.Extensions.AI;
using TokenBudget.Counting.Learning;

namespace TokenBudget.Counting;

/// <summary>
/// Learns how many tokens a model really counts for ours: a ratio, because providers without a public tokenizer (Anthropic, Google) are counted
/// with o200k_base, and a constant for what the provider or a client further inside adds to every request unseen: tools, system texts.
/// </summary>
/// <remarks>
/// <para>Thread-safe. <b>Ratio</b>: the median of the slopes between requests that follow each other, the last 30, each weighted by
/// the tokens in between; the ratio it started from counts as 4,000 of them. What two requests have in common, hidden or not,
/// falls out of a slope. <b>Constant</b>: the median of the last three conversations', each of which is the median of what its last three requests were
/// above the ratio; a request of which no conversation is known is one of its own. So one lying report moves nothing, and another set of tools is known after two.</para>
/// <para>What is hidden in one conversation alone is known with its first report: see <see cref="For"/>. Requests that begin with the same system
/// messages are believed to have the same constant before that, rather than all of an agent's.</para>
/// <para>Both are clamped (0.7 to 2.5; −32,768 to 65,536), need three requests of at least 200 reported tokens, and move
/// together, and only when the newest request would be estimated more than 3 % otherwise: a window's cuts depend on them, and a
/// cut that moves costs the provider's prompt cache.</para>
/// </remarks>
public sealed class TokenCalibration
{
    private readonly CalibrationLearner _agent;
    private readonly ConversationReports? _conversation;

    /// <summary>Starts from a known ratio and no constant.</summary>
    /// <param name="initialRatio">Provider tokens per token of ours, 0.7 to 2.5.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="initialRatio"/> is outside its range.</exception>
    public TokenCalibration(double initialRatio)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(initialRatio, CalibrationLine.LowestRatio);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(initialRatio, CalibrationLine.HighestRatio);
        _agent = new CalibrationLearner(initialRatio);
    }

    private TokenCalibration(CalibrationLearner agent, ConversationReports conversation) => (_agent, _conversation) = (agent, conversation);

    /// <summary>Provider tokens per token of ours, 0.7 to 2.5.</summary>
    public double Ratio => Line.Ratio;

    /// <summary>Provider tokens every request has besides what is counted, −32,768 to 65,536.</summary>
    public double Constant => Line.Constant;

    /// <summary>The requests learned from so far, of all conversations.</summary>
    public int Samples => _agent.Samples;

    private CalibrationLine Line => _conversation?.Line ?? _agent.Line;

    /// <summary>
    /// The same for one request of a conversation: where an earlier request of it was reported, what that had unseen, and not what others have.
    /// </summary>
    /// <remarks>
    /// A request goes on with an earlier one when it begins with all messages of it, or what looks like them, and has more. The last thousand requests are known.
    /// Of a conversation, one report is believed at once unless it is more than 8,192 tokens off what was estimated; from the second on the median counts.
    /// </remarks>
    /// <param name="messages">All messages of the conversation, before a window cuts them.</param>
    /// <returns>Estimates the request, and is told what was reported of it; this one learns from it as well.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> is null.</exception>
    public TokenCalibration For(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return new TokenCalibration(_agent, _agent.Find(messages));
    }

    /// <summary>The count of a text or an answer in the provider's tokens, rounded up.</summary>
    /// <param name="counted">Tokens by our counter.</param>
    public long ToProvider(long counted) => (long)Math.Ceiling(counted * Ratio);

    /// <summary>The provider's tokens of a text or an answer in ours, rounded down.</summary>
    /// <param name="limit">Tokens by the provider's counter.</param>
    public long ToCounted(long limit) => (long)Math.Floor(limit / Ratio);

    /// <summary>The count of a whole request in the provider's tokens, with what it has besides, rounded up.</summary>
    /// <param name="counted">All of the request that can be seen, by our counter.</param>
    public long ToProviderRequest(long counted) => (long)Math.Ceiling(Line.Estimate(counted));

    /// <summary>How much of a request may be seen, by our counter, so that all of it keeps to a limit; rounded down.</summary>
    /// <param name="limit">The limit of a request by the provider's counter.</param>
    /// <returns>At least a quarter of the limit, however much is hidden.</returns>
    public long ToCountedRequest(long limit) => (long)Math.Floor(Line.Room(limit));

    /// <summary>Learns from one answered request.</summary>
    /// <param name="counted">All input of the request by our counter.</param>
    /// <param name="reported">All input of the request as the provider reported it, cache reads and writes included.</param>
    /// <returns>Whether the estimates of new conversations have changed.</returns>
    public bool Observe(long counted, long reported) => _agent.Learn(_conversation ?? new ConversationReports(), new Report(counted, reported));

    /// <summary>Goes on from what was learned before, unless something has been learned since. Values outside their bounds are moved to them.</summary>
    internal void Restore(CalibrationState learned) => _agent.Restore(learned);
}

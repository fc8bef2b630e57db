using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Counting;

namespace TokenBudget.Cli.Replay;

/// <summary>The provider's prompt cache of one conversation: what a request has in common with the one before it is read, the rest is written.</summary>
/// <remarks>Recordings carry no times, so the cache is taken never to go cold.</remarks>
internal sealed class PromptCache(ModelCounter counter, int minimumTokens)
{
    private readonly Dictionary<ChatMessage, int> _counts = new(ReferenceEqualityComparer.Instance);
    private ChatMessage[] _previous = [];

    /// <summary>Sends one request.</summary>
    /// <param name="sent">All messages of the request, in order.</param>
    /// <param name="answer">The answer it got.</param>
    /// <returns>The usage in the model's tokens.</returns>
    public TokenUsage Send(IReadOnlyList<ChatMessage> sent, ChatMessage answer)
    {
        var counted = (long)MessageCounter.TokensPerRequest;
        var shared = 0L;
        var isShared = true;
        for (var index = 0; index < sent.Count; index++)
        {
            var tokens = Count(sent[index]);
            counted += tokens;
            isShared = isShared && index < _previous.Length && AreSame(sent[index], _previous[index]);
            if (isShared)
                shared += tokens;
        }

        _previous = [.. sent];
        var input = counter.Calibration.ToProvider(counted);
        var read = ReadOf(shared, input);
        var output = counter.Calibration.ToProvider(Count(answer) - MessageCounter.TokensPerMessage);
        if (input < minimumTokens)
            return new TokenUsage { FreshInput = input, Output = output };
        return new TokenUsage { CacheRead = read, CacheWrite5Minutes = input - read, Output = output };
    }

    /// <summary>What is read of a prefix the request before had too, in the model's tokens: nothing where either is too short to be cached.</summary>
    /// <param name="shared">Tokens of the prefix by our counter.</param>
    /// <param name="input">The request in the model's tokens.</param>
    public long ReadOf(long shared, long input) =>
        input >= minimumTokens && counter.Calibration.ToProvider(shared) is var read && read >= minimumTokens ? read : 0;

    private int Count(ChatMessage message)
    {
        if (!_counts.TryGetValue(message, out var tokens))
            _counts.Add(message, tokens = counter.Messages.Count(message));
        return tokens;
    }

    /// <summary>A window makes new messages only where it shortens tool results, the same way every time.</summary>
    private static bool AreSame(ChatMessage left, ChatMessage right) =>
        ReferenceEquals(left, right) || (left.Role == right.Role && left.Contents.SequenceEqual(right.Contents, SameContent.Instance));

    private sealed class SameContent : EqualityComparer<AIContent>
    {
        public static readonly SameContent Instance = new();

        public override bool Equals(AIContent? left, AIContent? right) =>
            ReferenceEquals(left, right) ||
            (left is FunctionResultContent { Result: string leftText } leftResult &&
             right is FunctionResultContent { Result: string rightText } rightResult &&
             leftResult.CallId == rightResult.CallId &&
             leftText == rightText);

        public override int GetHashCode(AIContent content) => (content as FunctionResultContent)?.CallId.GetHashCode(StringComparison.Ordinal) ?? 0;
    }
}

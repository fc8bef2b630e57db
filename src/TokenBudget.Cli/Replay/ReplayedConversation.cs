using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget.Cli.Replay;

/// <summary>A recorded conversation with complete tool pairs, and where each of its messages stands in the recording.</summary>
internal sealed class ReplayedConversation
{
    private readonly Dictionary<ChatMessage, int> _positions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> _results = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly int?[] _recorded;

    public ReplayedConversation(RecordedConversation conversation)
    {
        Id = conversation.Id;
        Messages = conversation.CompleteToolPairs().Messages;
        var recorded = new Dictionary<ChatMessage, int>(ReferenceEqualityComparer.Instance);
        for (var index = 0; index < conversation.Messages.Count; index++)
            recorded[conversation.Messages[index]] = index;
        _recorded = new int?[Messages.Count];
        for (var position = 0; position < Messages.Count; position++)
        {
            var message = Messages[position];
            _positions[message] = position;
            _recorded[position] = recorded.TryGetValue(message, out var index) ? index : null;
            foreach (var content in message.Contents)
            {
                if (content is FunctionCallContent call)
                    _calls[call.CallId] = position;
                else if (content is FunctionResultContent result)
                    _results[result.CallId] = position;
            }
        }
    }

    public string Id { get; }

    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>The index in the recording; none for the result that answers an aborted call, which nobody recorded.</summary>
    public int? RecordedIndexOf(int position) => _recorded[position];

    /// <summary>Finds sent messages again. A window makes new messages only of those with tool calls or results, and these have ids.</summary>
    public SentMessages Find(IReadOnlyList<ChatMessage> sent)
    {
        var positions = new List<int>(sent.Count);
        var shortened = new List<(int, ChatMessage)>();
        foreach (var message in sent)
        {
            if (_positions.TryGetValue(message, out var position))
            {
                positions.Add(position);
            }
            else if (PositionByCall(message) is { } changed)
            {
                positions.Add(changed);
                shortened.Add((changed, message));
            }
        }

        return new SentMessages(positions, shortened);
    }

    private int? PositionByCall(ChatMessage message)
    {
        foreach (var content in message.Contents)
        {
            if (content is FunctionResultContent result && _results.TryGetValue(result.CallId, out var position))
                return position;
            if (content is FunctionCallContent call && _calls.TryGetValue(call.CallId, out position))
                return position;
        }

        return null;
    }
}

using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls.Field;

/// <summary>What <c>MessageCountingChatReducer</c> does: the first system message and the newest others, without calls of tools and their results.</summary>
internal sealed class MessageCountReducer(int target) : IChatReducer
{
    public Task<IEnumerable<ChatMessage>> ReduceAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken) => Task.FromResult(Reduce(messages));

    private IEnumerable<ChatMessage> Reduce(IEnumerable<ChatMessage> messages)
    {
        ChatMessage? system = null;
        var newest = new Queue<ChatMessage>(target);
        foreach (var message in messages)
        {
            if (message.Role == ChatRole.System)
            {
                system ??= message;
            }
            else if (!message.Contents.Any(static content => content is FunctionCallContent or FunctionResultContent))
            {
                if (newest.Count >= target)
                    newest.Dequeue();
                newest.Enqueue(message);
            }
        }

        if (system is not null)
            yield return system;
        while (newest.TryDequeue(out var message))
            yield return message;
    }
}

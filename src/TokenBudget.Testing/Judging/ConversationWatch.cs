namespace TokenBudget.Testing;

/// <summary>
/// Notices who takes a reply that broke off for a whole one: a later request of the same client has it as a message of the assistant and goes on
/// behind it. To ask again, to drop it, to mark it as broken off or to let the model go on from it (as the last message) is right.
/// </summary>
/// <remarks>Not thread-safe: the simulator's lock guards it.</remarks>
internal sealed class ConversationWatch
{
    private readonly List<Exchange> _broken = [];
    private readonly HashSet<(string Client, string Words)> _whole = [];

    /// <summary>A stream begins that the fault plan may break.</summary>
    public void Begin(Exchange exchange)
    {
        if (exchange is { IsStream: true, Fault.Break: not null })
            _broken.Add(exchange);
    }

    /// <summary>A reply is whole: from now on its words are no sign of anything.</summary>
    public void Complete(Exchange exchange, GeneratedReply reply)
    {
        exchange.Delivered.Clear();
        foreach (var block in reply.Blocks)
        {
            if (block.Call is { } call)
                _whole.Add((exchange.ClientId, call.Id));
        }

        _whole.Add((exchange.ClientId, WordsOf(reply.Blocks.Where(block => block.Call is null).Select(block => block.Content))));
    }

    /// <summary>A conversation goes on.</summary>
    public void Continue(Exchange exchange, IReadOnlyList<SimulatedMessage> messages)
    {
        if (_broken.Count == 0)
            return;
        foreach (var message in messages.SkipLast(1).Where(message => message.Role == "assistant" && !IsWhole(exchange.ClientId, message)))
        {
            foreach (var broken in _broken)
            {
                if (broken != exchange && broken.ClientId == exchange.ClientId && !broken.Completed && broken.Delivered.IsIn(message))
                    broken.ContinuedBy ??= exchange.Number;
            }
        }
    }

    private bool IsWhole(string client, SimulatedMessage message)
    {
        var calls = message.Blocks.OfType<SimulatedToolUseBlock>().ToList();
        return calls.Count > 0
            ? calls.All(call => _whole.Contains((client, call.Id)))
            : _whole.Contains((client, WordsOf([message.Text])));
    }

    private static string WordsOf(IEnumerable<string> texts) => DeliveredReply.Squeeze(string.Concat(texts));
}

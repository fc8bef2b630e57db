using System.Text;

namespace TokenBudget.Testing;

/// <summary>What has been sent of a streamed reply. Guarded by the provider's lock.</summary>
internal sealed class DeliveredReply
{
    private readonly StringBuilder _text = new();
    private readonly HashSet<int> _ends = [];
    private readonly HashSet<string> _calls = new(StringComparer.Ordinal);

    public void Add(StreamFrame frame)
    {
        if (frame.ToolCallId is { } call)
            _calls.Add(call);
        if (frame.Text.Length == 0)
            return;
        _text.Append(Squeeze(frame.Text));
        // A connection that is reset may lose what was sent last, so the client can hold any number of whole pieces.
        _ends.Add(_text.Length);
    }

    public void Clear()
    {
        _text.Clear();
        _ends.Clear();
        _calls.Clear();
    }

    /// <summary>Whether a message of the assistant consists of what was sent.</summary>
    public bool IsIn(SimulatedMessage message)
    {
        if (message.Blocks.OfType<SimulatedToolUseBlock>().Any(call => _calls.Contains(call.Id)))
            return true;
        var text = Squeeze(message.Text);
        return _ends.Contains(text.Length) && _text.ToString(0, text.Length) == text;
    }

    /// <summary>Clients trim, and join blocks as they like.</summary>
    public static string Squeeze(string text) => text.Any(char.IsWhiteSpace) ? string.Concat(text.Where(character => !char.IsWhiteSpace(character))) : text;
}

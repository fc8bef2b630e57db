using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>One streamed update: the original for the reader that started the stream, and a copy nobody can change for all others.</summary>
internal sealed class StreamItem
{
    private readonly ChatResponseUpdate _copy;
    private ChatResponseUpdate? _original;

    public StreamItem(ChatResponseUpdate original)
    {
        _original = original;
        var copy = UpdateCopy.TryMake(original);
        IsFaithful = copy is not null;
        _copy = copy ?? UpdateCopy.MakeShallow(original);
    }

    /// <summary>Whether the copies have all the original had.</summary>
    public bool IsFaithful { get; }

    /// <summary>The update as the provider's client made it. Given once, to the reader that started the stream.</summary>
    public ChatResponseUpdate TakeOriginal() => Interlocked.Exchange(ref _original, null) ?? Copy();

    public ChatResponseUpdate Copy() => UpdateCopy.TryMake(_copy) ?? UpdateCopy.MakeShallow(_copy);
}

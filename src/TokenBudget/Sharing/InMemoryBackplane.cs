using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace TokenBudget.Sharing;

/// <summary>A backplane inside one process, for tests of what several processes would do. Thread-safe. Whoever listens must keep up: what waits is not bounded.</summary>
public sealed class InMemoryBackplane : IBackplane
{
    private readonly Lock _gate = new();
    private readonly HashSet<Guid> _published = [];
    private readonly List<Channel<BackplaneMessage>> _listeners = [];

    /// <inheritdoc/>
    public ValueTask PublishAsync(BackplaneMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        message.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_published.Add(message.Id))
                foreach (var listener in _listeners)
                    listener.Writer.TryWrite(message);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BackplaneMessage> ListenAsync(CancellationToken cancellationToken = default)
    {
        var listener = Channel.CreateUnbounded<BackplaneMessage>();
        lock (_gate)
            _listeners.Add(listener);
        return ReadAsync(listener, cancellationToken);
    }

    private async IAsyncEnumerable<BackplaneMessage> ReadAsync(Channel<BackplaneMessage> listener, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in listener.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return message;
        }
        finally
        {
            lock (_gate)
                _listeners.Remove(listener);
        }
    }
}

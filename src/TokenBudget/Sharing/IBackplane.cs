namespace TokenBudget.Sharing;

/// <summary>What processes tell each other at once: caches cleared, budgets paused, alerts.</summary>
/// <remarks>
/// <para>
/// Who listens gets every message that is published after it began to, its own too, each once and all in one order, which is the same for all; across broken connections as well.
/// Only so many messages are kept for those who are away: after a longer absence a <see cref="BackplaneMessage.Gap"/> comes first.
/// </para>
/// <para>Messages come from outside: whoever may write to the store can forge them. Implementations are thread-safe.</para>
/// </remarks>
public interface IBackplane
{
    /// <summary>Tells all who listen; kept for those who are away when the task completes.</summary>
    /// <param name="message">The message. Published again, after an error for example, it is still one message.</param>
    /// <param name="cancellationToken">Stops waiting; the message may be published all the same.</param>
    /// <exception cref="ArgumentException">The topic is empty or too long, or the content is too long.</exception>
    ValueTask PublishAsync(BackplaneMessage message, CancellationToken cancellationToken = default);

    /// <summary>Listens until it is cancelled. A connection that breaks is made again, for as long as it takes.</summary>
    /// <param name="cancellationToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    IAsyncEnumerable<BackplaneMessage> ListenAsync(CancellationToken cancellationToken = default);
}

using System.Globalization;
using System.Text;

namespace TokenBudget.Conversations;

/// <summary>
/// Writes a stored conversation as JSON lines: one for the conversation (<c>conversation</c>), one for each message in order (<c>sequence</c>, <c>tokens</c>,
/// <c>message</c> as of <see cref="ChatMessageJson"/>), and after the last message it covers one for each summary (<c>summary</c>, <c>through</c>, <c>tokens</c>, <c>createdAt</c>).
/// </summary>
public static class ConversationExport
{
    /// <summary>Writes a conversation as UTF-8.</summary>
    /// <param name="store">The store.</param>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="destination">Where to; flushed, left open.</param>
    /// <param name="cancellationToken">Cancels; then the destination holds a part.</param>
    /// <returns>How many messages were written; 0 for a conversation that is not there, of which nothing is written.</returns>
    /// <remarks>A page of messages is in memory at a time.</remarks>
    public static async Task<long> WriteAsync(IConversationStore store, string conversationId, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var writer = new StreamWriter(destination, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        await using var _ = writer.ConfigureAwait(false);
        return await WriteAsync(store, conversationId, writer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a conversation as text; lines end with a line feed on every system.</summary>
    /// <param name="store">The store.</param>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="destination">Where to; flushed, left open.</param>
    /// <param name="cancellationToken">Cancels; then the destination holds a part.</param>
    /// <returns>How many messages were written; 0 for a conversation that is not there, of which nothing is written.</returns>
    /// <remarks>A page of messages is in memory at a time.</remarks>
    public static async Task<long> WriteAsync(IConversationStore store, string conversationId, TextWriter destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(destination);
        var summaries = new Queue<ConversationSummary>(await store.ReadSummariesAsync(conversationId, cancellationToken).ConfigureAwait(false));
        long sequence = 0;
        await foreach (var counted in store.ReadHistoryAsync(conversationId, cancellationToken).ConfigureAwait(false))
        {
            if (sequence == 0)
                await WriteAsync($"{{\"conversation\":{ChatMessageJson.WriteText(conversationId)}}}").ConfigureAwait(false);
            await WriteAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"sequence\":{sequence},\"tokens\":{counted.Tokens},\"message\":{ChatMessageJson.Write(counted.Message)}}}")).ConfigureAwait(false);
            while (summaries.TryPeek(out var summary) && summary.ThroughSequence <= sequence)
            {
                await WriteAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"summary\":{ChatMessageJson.WriteText(summary.Text)},\"through\":{summary.ThroughSequence},\"tokens\":{summary.Tokens},\"createdAt\":\"{summary.CreatedAt.UtcDateTime:O}\"}}")).ConfigureAwait(false);
                summaries.Dequeue();
            }

            sequence++;
        }

        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
        return sequence;

        Task WriteAsync(string line) => destination.WriteAsync($"{line}\n".AsMemory(), cancellationToken);
    }
}

namespace TokenBudget.Conversations;

/// <summary>Where conversations are kept. Turns are appended whole or not at all. Implementations are thread-safe.</summary>
/// <remarks>
/// <para>Messages of a conversation are numbered from 0 in the order appended, without gaps; the count of them is its version.
/// What was appended together is a turn, and is read together; of a turn that a summary covers in part, the rest is.</para>
/// <para>Bad arguments are an <see cref="ArgumentException"/>. A store that cannot be reached or written throws its own exception, and has stored
/// nothing unless the connection was lost while it answered.</para>
/// </remarks>
public interface IConversationStore
{
    /// <summary>Appends the messages of one turn in one transaction.</summary>
    /// <param name="conversationId">The conversation; created when new. Not empty, at most 256 characters.</param>
    /// <param name="expectedVersion">The version the caller last saw; 0 for a new conversation.</param>
    /// <param name="turn">A user message and all that answers it, in order; not empty.</param>
    /// <param name="cancellationToken">Cancels the append; then nothing of the turn is stored, unless it was already committed.</param>
    /// <returns>The new version.</returns>
    /// <exception cref="ConversationConflictException">Somebody else appended in the meantime, or deleted it; nothing was stored.</exception>
    ValueTask<long> AppendTurnAsync(
        string conversationId,
        long expectedVersion,
        IReadOnlyList<CountedMessage> turn,
        CancellationToken cancellationToken = default);

    /// <summary>Reads the newest whole turns that together fit a token limit, and the summary of what is older.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="maxTokens">
    /// The limit in tokens for messages and summary together; at least 1. The newest turn is returned even when it alone is larger.
    /// </param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The slice; <see cref="ConversationSlice.Empty"/> for a conversation that is not there.</returns>
    ValueTask<ConversationSlice> ReadAsync(string conversationId, int maxTokens, CancellationToken cancellationToken = default);

    /// <summary>Stores a summary with its range, in one transaction: from then on <see cref="ReadAsync"/> gives it in the place of the messages it covers.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="summary">The summary. One whose range does not reach beyond the stored one's is ignored.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>Whether it was stored.</returns>
    /// <exception cref="ArgumentException">The range reaches beyond the last message, or the conversation is not there.</exception>
    ValueTask<bool> SaveSummaryAsync(string conversationId, ConversationSummary summary, CancellationToken cancellationToken = default);

    /// <summary>Reads every message that was ever appended, in order, whether a summary covers it or not. The number of a message is its place.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The messages, read from the store a page at a time; none for a conversation that is not there.</returns>
    IAsyncEnumerable<CountedMessage> ReadHistoryAsync(string conversationId, CancellationToken cancellationToken = default);

    /// <summary>Reads every summary that was made of a conversation, the shortest range first: its course in short, without its messages.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<IReadOnlyList<ConversationSummary>> ReadSummariesAsync(string conversationId, CancellationToken cancellationToken = default);

    /// <summary>Removes a conversation and its summaries.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels the removal.</param>
    /// <returns>Whether it was there.</returns>
    ValueTask<bool> DeleteAsync(string conversationId, CancellationToken cancellationToken = default);

    /// <summary>Removes the conversations to which nothing was appended since a given time: retention by age.</summary>
    /// <param name="before">The time. Messages say when they were made (<see cref="Microsoft.Extensions.AI.ChatMessage.CreatedAt"/>); for those that do not, the time of appending counts.</param>
    /// <param name="cancellationToken">Ends the removal after a part of it.</param>
    /// <returns>How many were removed.</returns>
    ValueTask<int> DeleteInactiveAsync(DateTimeOffset before, CancellationToken cancellationToken = default);
}

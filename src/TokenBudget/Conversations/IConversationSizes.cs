namespace TokenBudget.Conversations;

/// <summary>What a store can tell of its conversations without reading a word of them. The stores of this library are also this.</summary>
public interface IConversationSizes
{
    /// <summary>The sizes of the conversations that were last appended to, newest first.</summary>
    /// <param name="newest">How many at most; at least 1. Takes time proportional to the number of their messages.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    ValueTask<ConversationSizes> ReadSizesAsync(int newest, CancellationToken cancellationToken = default);
}

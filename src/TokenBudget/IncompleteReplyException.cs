namespace TokenBudget;

/// <summary>
/// A streamed answer ended before the model had said why it stops, or stayed silent for too long: what arrived is not the whole answer. It is charged for what
/// was produced, and neither cached nor appended to a conversation.
/// </summary>
public sealed class IncompleteReplyException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">What caused it, if anything.</param>
    public IncompleteReplyException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

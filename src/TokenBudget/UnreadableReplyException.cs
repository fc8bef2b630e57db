namespace TokenBudget;

/// <summary>The model answered, and was paid, but the answer is not what the method's return type asks for. It is neither cached nor appended to a conversation.</summary>
public sealed class UnreadableReplyException : TokenBudgetException
{
    private const int ShownCharacters = 200;

    /// <summary>Creates the exception.</summary>
    /// <param name="reply">The answer's text.</param>
    /// <param name="expected">What was expected.</param>
    /// <param name="innerException">The parser's complaint, if any.</param>
    public UnreadableReplyException(string reply, string expected, Exception? innerException = null)
        : base($"The model's reply is not {expected}: '{Shorten(reply)}'. Say in the prompt what to answer, or return a string.", innerException) =>
        Reply = reply;

    /// <summary>The whole answer: it was paid for.</summary>
    public string Reply { get; }

    private static string Shorten(string text) =>
        text.Length <= ShownCharacters ? text : string.Concat(text.AsSpan(0, ShownCharacters), "…");
}

namespace TokenBudget.Generators.Contracts;

/// <summary>A text is not what it should be.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="at">The character where that shows.</param>
internal sealed class JsonTreeException(string message, int at) : FormatException(message)
{
    /// <summary>The character where that shows; the length of the text where it ends too soon.</summary>
    public int At => at;
}

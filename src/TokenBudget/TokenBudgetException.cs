namespace TokenBudget;

/// <summary>The base of every refusal of this library.</summary>
public abstract class TokenBudgetException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was refused, why, and the way out.</param>
    /// <param name="innerException">What caused it, if anything.</param>
    private protected TokenBudgetException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

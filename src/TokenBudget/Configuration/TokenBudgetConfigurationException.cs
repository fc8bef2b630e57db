namespace TokenBudget.Configuration;

/// <summary>Configuration or environment holds values that mean nothing. Thrown at start, with all of them at once.</summary>
public sealed class TokenBudgetConfigurationException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="errors">One sentence each: the name, the value and what is allowed.</param>
    public TokenBudgetConfigurationException(IReadOnlyList<string> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>One sentence each: the name, the value and what is allowed.</summary>
    public IReadOnlyList<string> Errors { get; }
}

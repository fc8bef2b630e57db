namespace TokenBudget;

/// <summary>The model asked for tools again after the last round a call may have. Every round was paid and is in the ledger; nothing was appended to the conversation.</summary>
public sealed class RoundLimitExceededException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="method">The agent's method.</param>
    /// <param name="maxRounds">The limit.</param>
    public RoundLimitExceededException(string method, int maxRounds)
        : base($"{method} made {maxRounds} model requests and the model still asks for tools. Raise MaxRounds on [TokenBudget], or find out why the tools do not satisfy it.") =>
        MaxRounds = maxRounds;

    /// <summary>The limit.</summary>
    public int MaxRounds { get; }
}

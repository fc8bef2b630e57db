namespace TokenBudget.Costs;

/// <summary>A pause that somebody made by hand (<see cref="CostTracker.PauseAsync"/>), and not a call that did not fit. It lasts until somebody resumes, also over the end of the period and a restart.</summary>
/// <param name="At">When, in UTC by the ledger's clock.</param>
/// <param name="Reason">Why, in that person's words: at most <see cref="MaxReasonLength"/> characters without control characters; <see langword="null"/>, they gave none.</param>
public sealed record BudgetPause(DateTimeOffset At, string? Reason)
{
    /// <summary>How many UTF-16 characters a reason may have.</summary>
    public const int MaxReasonLength = 200;

    /// <summary>The reason as it is kept: without space around it, and none instead of an empty one.</summary>
    /// <exception cref="ArgumentException">It is too long, or has control characters: it goes to logs and pages on one line.</exception>
    internal static string? ReasonOf(string? reason)
    {
        reason = reason?.Trim();
        if (reason?.Length > MaxReasonLength)
            throw new ArgumentException($"The reason of a pause has at most {MaxReasonLength} characters; this one has {reason.Length}.", nameof(reason));
        if (reason?.Any(char.IsControl) is true)
            throw new ArgumentException("The reason of a pause is one line, without control characters.", nameof(reason));
        return string.IsNullOrEmpty(reason) ? null : reason;
    }
}

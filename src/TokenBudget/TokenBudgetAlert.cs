using TokenBudget.Costs;
using TokenBudget.Retries;
using TokenBudget.Summarization;

namespace TokenBudget;

/// <summary>Something a person should know of. Holds no text of prompts or answers.</summary>
/// <param name="Kind">What it is about; the property of the same name holds the details.</param>
/// <param name="At">When, in UTC.</param>
public sealed record TokenBudgetAlert(TokenBudgetAlertKind Kind, DateTimeOffset At)
{
    /// <summary>The agent it concerns; none where several share a budget.</summary>
    public string? Agent { get; init; }

    /// <summary>Of <see cref="TokenBudgetAlertKind.BudgetThreshold"/>: the threshold.</summary>
    public BudgetAlert? Budget { get; init; }

    /// <summary>Of <see cref="TokenBudgetAlertKind.BudgetPaused"/> and <see cref="TokenBudgetAlertKind.BudgetResumed"/>: the budget as it was then.</summary>
    public BudgetStatus? Status { get; init; }

    /// <summary>Of <see cref="TokenBudgetAlertKind.SummaryFailed"/>: what failed.</summary>
    public SummaryFailure? Summary { get; init; }

    /// <summary>Of <see cref="TokenBudgetAlertKind.SpendLimitReached"/>: who refuses, and until when nobody asks.</summary>
    public SpendLimitPause? SpendLimit { get; init; }

    /// <summary>The process it came up in, as machine and process id (<c>web-2:4711</c>), where that is another one; <see langword="null"/>, this one.</summary>
    /// <remarks>Comes over an <see cref="Sharing.IBackplane"/>, without words of providers and ids of conversations.</remarks>
    public string? Origin { get; init; }
}

namespace TokenBudget.Summarization;

/// <summary>Why a summary was not put in place. Whatever it was, the conversation stays as it was.</summary>
public enum SummaryFailureReason
{
    /// <summary>The model, the network or the rate limit failed; see <see cref="SummaryFailure.Exception"/>.</summary>
    ModelFailed,

    /// <summary>The agent's budget has no room for it: summaries pause with what pays for them.</summary>
    BudgetExceeded,

    /// <summary>The model refused, or a content filter did.</summary>
    Refused,

    /// <summary>The model said nothing.</summary>
    Empty,

    /// <summary>The answer was cut off.</summary>
    Truncated,

    /// <summary>The summary is not smaller than what it would replace.</summary>
    NotSmaller,

    /// <summary>The store could not keep it; see <see cref="SummaryFailure.Exception"/>.</summary>
    StoreFailed,
}

namespace TokenBudget;

/// <summary>Whose turn it is when a rate limit makes callers wait. Each priority has a share, so none starves.</summary>
public enum RatePriority
{
    /// <summary>19 % of what is admitted while all priorities wait.</summary>
    Normal,

    /// <summary>A user is waiting: 76 %.</summary>
    High,

    /// <summary>Background work: 5 %.</summary>
    Low,
}

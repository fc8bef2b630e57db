using System.Globalization;
using TokenBudget.Configuration;
using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>A call was refused because its worst case does not fit what is left of a budget. Nothing was sent, nothing was spent.</summary>
public sealed class BudgetExceededException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="status">The budget as it was found.</param>
    /// <param name="requested">The most the refused call could have cost.</param>
    /// <param name="resetsAt">When the next period begins; <see langword="null"/>, never.</param>
    /// <param name="atLimit">What the budget says about calls that do not fit.</param>
    public BudgetExceededException(BudgetStatus status, Usd requested, DateTimeOffset? resetsAt, AtLimit atLimit = AtLimit.Refuse)
        : base(Describe(status, requested, resetsAt))
    {
        Status = status;
        Requested = requested;
        ResetsAt = resetsAt;
        AtLimit = atLimit;
    }

    /// <summary>The budget as it was found: limit, spent and reserved.</summary>
    public BudgetStatus Status { get; }

    /// <summary>The most the refused call could have cost.</summary>
    public Usd Requested { get; }

    /// <summary>When the next period begins; <see langword="null"/>, never.</summary>
    public DateTimeOffset? ResetsAt { get; }

    /// <summary>What the budget says about calls that do not fit.</summary>
    public AtLimit AtLimit { get; }

    private static string Describe(BudgetStatus status, Usd requested, DateTimeOffset? resetsAt)
    {
        ArgumentNullException.ThrowIfNull(status);
        var next = resetsAt is { } at ? string.Create(CultureInfo.InvariantCulture, $" The next period begins at {at:u}.") : string.Empty;
        return $"Budget '{status.Name}' ({status.Limit} {PeriodText.Of(status.Period)}): {status.Settled} spent and {status.Reserved} reserved leave no room for a call of up to {requested}.{next} "
            + "Raise LimitUsd, or lower MaxOutputTokens or MaxContextTokens so that the worst case of a call is smaller.";
    }
}

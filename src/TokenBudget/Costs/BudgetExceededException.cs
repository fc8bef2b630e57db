using System.Globalization;
using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>A call was refused because its worst case does not fit what is left of a budget. Nothing was sent, nothing was spent.</summary>
public sealed class BudgetExceededException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="status">The budget as it was found.</param>
    /// <param name="requested">The most the refused call could have cost.</param>
    /// <param name="resetsAt">When the next period begins; <see langword="null"/>, never.</param>
    public BudgetExceededException(BudgetStatus status, Usd requested, DateTimeOffset? resetsAt)
        : base(Describe(status, requested, resetsAt))
    {
        Status = status;
        Requested = requested;
        ResetsAt = resetsAt;
    }

    /// <summary>The budget as it was found: limit, spent and reserved.</summary>
    public BudgetStatus Status { get; }

    /// <summary>The most the refused call could have cost.</summary>
    public Usd Requested { get; }

    /// <summary>When the next period begins; <see langword="null"/>, never.</summary>
    public DateTimeOffset? ResetsAt { get; }

    private static string Describe(BudgetStatus status, Usd requested, DateTimeOffset? resetsAt)
    {
        ArgumentNullException.ThrowIfNull(status);
        var next = resetsAt is { } at ? string.Create(CultureInfo.InvariantCulture, $" The next period begins at {at:u}.") : string.Empty;
        return $"Budget '{status.Name}' ({status.Limit} per {status.Period}): {status.Settled} spent and {status.Reserved} reserved leave no room for a call of up to {requested}.{next} "
            + "Raise LimitUsd, or lower MaxOutputTokens or MaxContextTokens so that the worst case of a call is smaller.";
    }
}

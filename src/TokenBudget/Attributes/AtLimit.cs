namespace TokenBudget;

/// <summary>What becomes of a call that does not fit what is left of a budget. Nothing of it has been sent yet.</summary>
public enum AtLimit
{
    /// <summary>It is refused with a <c>BudgetExceededException</c>; smaller calls may still fit.</summary>
    Refuse,

    /// <summary>The budget is paused: this and every later call ends in a <c>BudgetPausedException</c>, until somebody approves or the next period begins.</summary>
    Pause,

    /// <summary>The call waits, its conversation intact, until somebody approves, other calls give back what they did not use, or the next period begins.</summary>
    Wait,

    /// <summary>The call goes to the model of <see cref="RoutedToAttribute.WhenBudgetIsLow"/>; what does not fit even there is refused.</summary>
    CheaperModel,
}

namespace TokenBudget;

/// <summary>
/// Sends requests to another model than the agent's own: simple ones, those of a budget that is nearly spent, those the model is overloaded for.
/// Only requests for the agent's own model are routed; whoever names another one in <c>ChatOptions</c> gets it.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface | AttributeTargets.Assembly)]
public sealed class RoutedToAttribute : Attribute
{
    /// <summary>The model for simple requests: at most <see cref="SimpleTokens"/> of input and no tools.</summary>
    public string? WhenSimple { get; set; }

    /// <summary>The most input tokens of a simple request. Zero: 1,000.</summary>
    public int SimpleTokens { get; set; }

    /// <summary>The model when a budget is spent to <see cref="LowBudgetPercent"/>, and for what does not fit under <see cref="AtLimit.CheaperModel"/>.</summary>
    public string? WhenBudgetIsLow { get; set; }

    /// <summary>The share of a limit, spent or reserved, from which the budget is low. Zero: 80.</summary>
    public int LowBudgetPercent { get; set; }

    /// <summary>The model for the minute after the provider said that the agent's own is overloaded (HTTP 503 or 529).</summary>
    public string? WhenOverloaded { get; set; }
}

using TokenBudget.Configuration;

namespace TokenBudget.Routing;

/// <summary>Step 5: picks the model. What would fail comes first, then what would cost too much, then what is more than needed.</summary>
/// <param name="settings">The routes.</param>
/// <param name="isOverloaded">Whether a model is overloaded now.</param>
internal sealed class ModelRouter(BudgetSettings settings, Func<string, bool> isOverloaded)
{
    private const int DefaultSimpleTokens = 1_000;
    private const int DefaultLowBudgetPercent = 80;

    /// <summary>Whether there is anything to decide.</summary>
    public bool HasRoutes => (settings.WhenSimple ?? settings.WhenBudgetIsLow ?? settings.WhenOverloaded) is not null;

    /// <summary>Whether <see cref="RouteFacts.BudgetPressure"/> is of any interest.</summary>
    public bool AsksForPressure => settings.WhenBudgetIsLow is not null;

    /// <summary>The model for a request, and why.</summary>
    /// <param name="own">The agent's own model.</param>
    /// <param name="facts">The request.</param>
    public (string Model, RouteReason Reason) Choose(string own, in RouteFacts facts)
    {
        if (settings.WhenOverloaded is { } other && isOverloaded(own) && !isOverloaded(other))
            return To(other, RouteReason.Overloaded);
        if (settings.WhenBudgetIsLow is { } cheaper && facts.BudgetPressure * 100 >= (settings.LowBudgetPercent ?? DefaultLowBudgetPercent))
            return To(cheaper, RouteReason.LowBudget);
        if (settings.WhenSimple is { } simple && !facts.HasTools && facts.InputTokens <= (settings.SimpleTokens ?? DefaultSimpleTokens) && !isOverloaded(simple))
            return To(simple, RouteReason.Simple);
        return (own, RouteReason.None);

        (string Model, RouteReason Reason) To(string model, RouteReason reason) =>
            model.Equals(own, StringComparison.OrdinalIgnoreCase) ? (own, RouteReason.None) : (model, reason);
    }
}

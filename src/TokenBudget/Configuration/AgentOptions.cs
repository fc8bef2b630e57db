namespace TokenBudget.Configuration;

/// <summary>What configuration says of one agent.</summary>
public sealed class AgentOptions
{
    /// <summary>For all methods of the agent.</summary>
    public BudgetSettings Settings { get; set; } = BudgetSettings.Unset;

    /// <summary>For single methods, by name, without regard to case.</summary>
    public IDictionary<string, BudgetSettings> Methods { get; } = new Dictionary<string, BudgetSettings>(StringComparer.OrdinalIgnoreCase);
}

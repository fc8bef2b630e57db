using TokenBudget.Configuration;

namespace TokenBudget.Calls;

/// <summary>The immutable facts of one agent method: what the attributes say and what the build counted. Data, written by the generator.</summary>
public sealed record AgentMethodPolicy
{
    /// <summary>The agent's name in configuration, budgets and metrics.</summary>
    public required string Agent { get; init; }

    /// <summary>The method's name, without <c>Async</c> at its end.</summary>
    public required string Method { get; init; }

    /// <summary>The constant system message, if any.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Tokens of the constant parts of the prompt, counted at build time with o200k_base; 0 when not counted.</summary>
    public int FixedTokens { get; init; }

    /// <summary>What the attributes say.</summary>
    public BudgetSettings Settings { get; init; } = BudgetSettings.Unset;
}

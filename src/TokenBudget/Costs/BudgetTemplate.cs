using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>A limit before it is known which model and tenant a call is for.</summary>
/// <param name="Name">The budget.</param>
/// <param name="Limit">The limit, if there is one.</param>
/// <param name="Period">The time it is for.</param>
/// <param name="Per">Who has it for itself.</param>
/// <param name="AtLimit">What becomes of a call that does not fit.</param>
/// <param name="Covers">Which lines of the ledger are its own.</param>
internal sealed record BudgetTemplate(string Name, Usd? Limit, BudgetPeriod Period, BudgetScope Per, AtLimit AtLimit, LedgerQuery Covers)
{
    /// <summary>Whether the budget is another one for another model or tenant, or does not cover all of them.</summary>
    public bool DependsOnCall => Per is BudgetScope.Model or BudgetScope.Tenant || Covers.Model is not null || Covers.Tenant is not null;

    /// <summary>Whether it covers any calls of a method.</summary>
    public bool IsForMethod(string agent, string method) =>
        (Covers.Agent is null || Covers.Agent.Equals(agent, StringComparison.OrdinalIgnoreCase))
        && (Covers.Method is null || Covers.Method.Equals(method, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it covers a call of such a method.</summary>
    public bool IsForCall(string model, string? tenant) =>
        (Covers.Model is null || Covers.Model.Equals(model, StringComparison.OrdinalIgnoreCase))
        && (Covers.Tenant is null || Covers.Tenant == (tenant ?? string.Empty));

    /// <summary>The budget of one call.</summary>
    public CostBudget Of(string agent, string method, string model, string? tenant)
    {
        // What the ledger has is written as the calls name it, and not as a configuration may.
        var lines = Covers with
        {
            Agent = Covers.Agent is null ? null : agent,
            Method = Covers.Method is null ? null : method,
            Model = Covers.Model is null ? null : model,
        };
        return Per switch
        {
            BudgetScope.Agent => Budget($"{Name}/agent:{agent}", lines with { Agent = agent }),
            BudgetScope.Method => Budget($"{Name}/method:{agent}.{method}", lines with { Agent = agent, Method = method }),
            BudgetScope.Model => Budget($"{Name}/model:{model}", lines with { Model = model }),
            BudgetScope.Tenant => Budget($"{Name}/tenant:{tenant}", lines with { Tenant = tenant ?? string.Empty }),
            _ => Budget(Name, lines),
        };
    }

    private CostBudget Budget(string name, LedgerQuery lines) => new(name, Limit, Period) { AtLimit = AtLimit, Lines = lines };
}

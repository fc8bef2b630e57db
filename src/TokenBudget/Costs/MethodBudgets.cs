using System.Globalization;
using TokenBudget.Configuration;
using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>Every budget the calls of one method are charged to: its own with its further limits, and the configured ones that cover it.</summary>
internal sealed class MethodBudgets
{
    private readonly string _agent;
    private readonly string _method;
    private readonly BudgetTemplate[] _templates;
    private readonly ChargedBudgets? _sameForAll;
    private readonly Usd? _perCall;

    public MethodBudgets(string agent, string method, BudgetSettings settings, IEnumerable<KeyValuePair<string, BudgetRule>> rules)
    {
        _agent = agent;
        _method = method;
        Name = settings.BudgetName ?? agent;
        _perCall = LimitOf($"a call of {agent}.{method}", settings.MaxUsdPerCall, nameof(settings.MaxUsdPerCall));
        var own = new LedgerQuery { Budget = Name };
        var atLimit = settings.AtLimit ?? AtLimit.Refuse;
        _templates =
        [
            new(Name, LimitOf($"budget '{Name}'", settings.LimitUsd), settings.Period ?? BudgetPeriod.Day, BudgetScope.Shared, atLimit, own),
            .. settings.CostLimits.Select(limit => new BudgetTemplate(Name, LimitOf($"budget '{Name}'", limit.Usd), limit.Period, limit.Per, atLimit, own)),
            .. rules.Select(static rule => TemplateOf(rule.Key, rule.Value)).Where(template => template.IsForMethod(agent, method)),
        ];
        if (_templates.Skip(1).FirstOrDefault(other => other.Covers.Budget is null && other.Name.Equals(Name, StringComparison.OrdinalIgnoreCase)) is not null)
            throw new TokenBudgetConfigurationException(
                [$"Budgets:{Name} is also the name of the budget {agent}.{method} is charged to. Set limits of that one under Agents:{agent}, or give the configured one another name."]);
        if (!Array.Exists(_templates, static template => template.DependsOnCall))
            _sameForAll = new ChargedBudgets(Declared);
    }

    /// <summary>The budget that lines of the ledger name.</summary>
    public string Name { get; }

    /// <summary>Those that are the same for every call: who knows the method knows them, before anybody calls it.</summary>
    public IEnumerable<CostBudget> Declared =>
        _templates.Where(static template => !template.DependsOnCall).Select(template => template.Of(_agent, _method, string.Empty, tenant: null));

    /// <summary>Whether any of them, or a single call, has a limit.</summary>
    public bool HasLimit => _perCall is not null || Array.Exists(_templates, static template => template.Limit is not null);

    /// <summary>What the call that begins now may cost; none where that is not limited.</summary>
    public CallCeiling? OpenCall() => _perCall is { } limit ? new CallCeiling($"{_agent}.{_method}", limit) : null;

    /// <summary>The budgets of one call; the first is <see cref="Name"/>.</summary>
    /// <param name="model">The model it is for.</param>
    /// <param name="tenant">The tenant it is for.</param>
    public IReadOnlyList<CostBudget> For(string model, string? tenant) =>
        (IReadOnlyList<CostBudget>?)_sameForAll ?? [.. _templates.Where(template => template.IsForCall(model, tenant)).Select(template => template.Of(_agent, _method, model, tenant))];

    /// <summary>For people: every limit, in the order they are asked.</summary>
    public override string ToString() => string.Join(
        "; ",
        _templates.Select(static template => $"{template.Name}: "
            + (template.Limit is { } limit ? new CostLimit(template.Per, template.Period, limit.Dollars) + $", then {template.AtLimit}" : "tracked without a limit")))
        + (_perCall is { } most ? $"; at most {most} a call" : string.Empty);

    private static BudgetTemplate TemplateOf(string name, BudgetRule rule) => new(
        name,
        LimitOf($"budget '{name}'", rule.LimitUsd),
        rule.Period,
        rule.Per,
        rule.AtLimit,
        new LedgerQuery { Agent = rule.Agent, Method = rule.Method, Model = rule.Model, Tenant = rule.Tenant });

    private static Usd? LimitOf(string name, decimal? dollars, string setting = nameof(BudgetSettings.LimitUsd)) => dollars switch
    {
        null => null,
        >= 0 and <= BudgetSettings.HighestLimitUsd => Usd.FromDollars(dollars.Value),
        _ => throw new TokenBudgetConfigurationException(
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"The limit of {name} is ${dollars}: a limit is 0 to {BudgetSettings.HighestLimitUsd:N0} US dollars. Set one in that range, or leave {setting} out to track without a limit."),
        ]),
    };
}

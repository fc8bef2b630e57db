using System.CommandLine;
using TokenBudget.Costs;

namespace TokenBudget.Cli.Commands;

/// <summary>The options that say which lines of a ledger are meant.</summary>
internal sealed class LedgerFilter
{
    private readonly Option<DateTimeOffset?> _from = DateOption.Create("The first day (UTC), as yyyy-MM-dd.", "--from");
    private readonly Option<DateTimeOffset?> _to = DateOption.Create("The last day (UTC), as yyyy-MM-dd.", "--to");
    private readonly Option<string?> _agent = Only("agent");
    private readonly Option<string?> _model = Only("model");
    private readonly Option<string?> _tenant = Only("tenant");
    private readonly Option<string?> _budget = Only("budget");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _from, _to, _agent, _model, _tenant, _budget })
            command.Options.Add(option);
    }

    public LedgerQuery Of(ParseResult parsed) => new()
    {
        From = parsed.GetValue(_from),
        Until = parsed.GetValue(_to)?.AddDays(1),
        Agent = parsed.GetValue(_agent),
        Model = parsed.GetValue(_model),
        Tenant = parsed.GetValue(_tenant),
        Budget = parsed.GetValue(_budget),
    };

    private static Option<string?> Only(string part) => new($"--{part}") { Description = $"Only lines of this {part}.", HelpName = "NAME" };
}

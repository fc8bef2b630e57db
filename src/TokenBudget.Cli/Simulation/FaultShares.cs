using System.Globalization;
using TokenBudget.Testing;

namespace TokenBudget.Cli.Simulation;

/// <summary>Faults by name and share, as they are typed: <c>overloaded=0.05,reset=0.01</c>.</summary>
internal static class FaultShares
{
    // In a stream so many events let the first words through.
    private const int SomeWords = 6;

    private static readonly Dictionary<string, SimulatedFault> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["overloaded"] = SimulatedFault.Overloaded,
        ["internal-error"] = SimulatedFault.InternalError,
        ["rate-limit"] = SimulatedFault.RateLimit,
        ["slow-down"] = SimulatedFault.Acceleration,
        ["spend-limit"] = SimulatedFault.SpendLimit,
        ["bad-gateway"] = SimulatedFault.BadGatewayHtml,
        ["reset"] = SimulatedFault.ResetConnection,
        ["close"] = SimulatedFault.CloseConnection,
        ["silence"] = SimulatedFault.NoResponse,
        ["late"] = SimulatedFault.DelayHeaders(TimeSpan.FromSeconds(10)),
        ["cut"] = SimulatedFault.CutAfterEvents(SomeWords),
        ["early-end"] = SimulatedFault.BreakAfterEvents(SimulatedBreak.EndCleanly, SomeWords),
        ["stream-error"] = SimulatedFault.ErrorAfterEvents(SomeWords),
        ["no-usage"] = SimulatedFault.UsageMissing,
        ["no-headers"] = SimulatedFault.BadHeaders(SimulatedHeaderFault.Absent),
        ["garbled-headers"] = SimulatedFault.BadHeaders(SimulatedHeaderFault.Garbled),
    };

    /// <summary>The names there are.</summary>
    public static string Names => string.Join(", ", Known.Keys);

    /// <summary>The plan that strikes those shares of the requests.</summary>
    /// <param name="text">Names and shares, with commas between.</param>
    /// <param name="seed">The same seed strikes the same requests.</param>
    /// <exception cref="CliException">A name or a share means nothing.</exception>
    public static Func<SimulatedRequest, SimulatedFault?> Parse(string text, int seed)
    {
        try
        {
            return FaultPlan.Seeded(seed, [.. text.Split(',').Select(ParseOne)]);
        }
        catch (ArgumentException)
        {
            throw new CliException($"--faults is '{text}': shares lie between 0 and 1 and add up to 1 at most.");
        }
    }

    private static (double Share, SimulatedFault Fault) ParseOne(string text)
    {
        var parts = text.Split('=');
        if (parts.Length != 2 || !double.TryParse(parts[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share))
            throw new CliException($"--faults has '{text}', which is not of the form overloaded=0.05.");
        return Known.TryGetValue(parts[0], out var fault)
            ? (share, fault)
            : throw new CliException($"--faults has '{parts[0]}', but there are only {Names}.");
    }
}

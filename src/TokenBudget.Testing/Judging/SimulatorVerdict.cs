using System.Globalization;

namespace TokenBudget.Testing;

/// <summary>How well a client behaved, judged from the provider's side of the wire.</summary>
/// <remarks>Immutable.</remarks>
public sealed record SimulatorVerdict
{
    /// <summary>What is to be held against the client, in order of the requests.</summary>
    public required IReadOnlyList<SimulatorFinding> Findings { get; init; }

    /// <summary>Requests so far.</summary>
    public required int Requests { get; init; }

    /// <summary>The calls that they were made for; see <see cref="SimulatorOptions.CallIdHeader"/>.</summary>
    public required int Calls { get; init; }

    /// <summary>The most requests that one call took.</summary>
    public required int MostAttempts { get; init; }

    /// <summary>Requests answered 429. Being told once is no fault.</summary>
    public required int RateLimited { get; init; }

    /// <summary>The most requests that came at once after a cool-down; see <see cref="SimulatorVerdictRules.MaxProbes"/>. 0 when there was none.</summary>
    public required int MostProbes { get; init; }

    /// <summary>Connections that carried requests.</summary>
    public required int Connections { get; init; }

    /// <summary>The most of them that were open at once.</summary>
    public required int MostConnections { get; init; }

    /// <summary>The most of everything in any 60 s, of one model class, by time of arrival.</summary>
    public required SimulatedMinute WorstMinute { get; init; }

    /// <summary>Whether nothing is to be held against the client.</summary>
    public bool IsClean => Findings.Count == 0;

    /// <summary>Requests for one call on average; 0 when there was none.</summary>
    public double RequestsPerCall => Calls == 0 ? 0 : (double)Requests / Calls;

    /// <summary>The findings of one kind.</summary>
    /// <param name="kind">Which.</param>
    public IEnumerable<SimulatorFinding> Of(SimulatorFindingKind kind) => Findings.Where(finding => finding.Kind == kind);

    /// <summary>Throws unless the client is clean: the last line of a test.</summary>
    /// <exception cref="SimulatorVerdictException">There are findings; the message lists each with the numbers of its requests.</exception>
    public void ShouldBeClean()
    {
        if (!IsClean)
            throw new SimulatorVerdictException(this);
    }

    /// <summary>A readable report: one line of figures, and one for each finding.</summary>
    public override string ToString()
    {
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{Requests:N0} requests for {Calls:N0} calls, at most {MostAttempts} for one; {RateLimited:N0} rate limited; worst 60 s: {WorstMinute}");
        return IsClean ? $"clean; {figures}" : string.Join(Environment.NewLine, Findings.Select(finding => $"  {finding}").Prepend($"NOT clean; {figures}"));
    }
}

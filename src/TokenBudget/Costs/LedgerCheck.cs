namespace TokenBudget.Costs;

/// <summary>Whether a ledger is as it was written.</summary>
public sealed record LedgerCheck
{
    /// <summary>Lines there are.</summary>
    public required long Lines { get; init; }

    /// <summary>Those written before lines were sealed: nothing can be said of them.</summary>
    public required long Unsealed { get; init; }

    /// <summary>Requests under way: their lines change once more and are sealed then.</summary>
    public required long Reserved { get; init; }

    /// <summary>The last seal, to be kept somewhere else; <see langword="null"/> when there is none.</summary>
    public required LedgerSeal? Seal { get; init; }

    /// <summary>What is wrong, one sentence each that names the line; at most 100.</summary>
    public required IReadOnlyList<string> Findings { get; init; }

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsIntact => Findings.Count == 0;
}

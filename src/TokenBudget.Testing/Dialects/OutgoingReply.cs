namespace TokenBudget.Testing;

/// <summary>A reply with all that a dialect needs to write it.</summary>
internal sealed record OutgoingReply
{
    public required int Number { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required WireCall Call { get; init; }

    public required GeneratedReply Reply { get; init; }

    /// <summary>The billed input.</summary>
    public required PromptUsage Usage { get; init; }

    public SimulatedFault? Fault { get; init; }

    /// <summary>Whether usage is reported at all.</summary>
    public bool ReportsUsage => Fault is not { OmitsUsage: true };

    /// <summary>The input as it is reported: the billed one unless a fault says otherwise.</summary>
    public PromptUsage ReportedUsage => Fault is { UsageFactor: not 1 }
        ? new PromptUsage(Reported(Usage.Fresh), Reported(Usage.Read), Reported(Usage.Write5Minutes), Reported(Usage.Write1Hour))
        : Usage;

    /// <summary>A count of tokens as it is reported.</summary>
    public int Reported(int tokens) => Fault is { UsageFactor: not 1 and var factor } ? (int)Math.Min(int.MaxValue, Math.Round(tokens * factor)) : tokens;

    /// <summary>The content of a block in pieces, as a stream delivers it; without end where the fault says so.</summary>
    public IEnumerable<(string Text, int Tokens)> Pieces(int block)
    {
        var isEndless = Fault is { IsEndless: true } && block == Reply.Blocks.Count - 1;
        do
        {
            foreach (var piece in Reply.Blocks[block].Pieces())
                yield return piece;
        }
        while (isEndless);
    }
}

namespace TokenBudget.Cli.Requests;

/// <summary>What a replay of one trace came to.</summary>
internal sealed record RequestReplayResult
{
    public required int Requests { get; init; }

    public required int Admitted { get; init; }

    /// <summary>The most tokens of any 60 s, those of a request counted when it was admitted.</summary>
    public required long WorstMinuteTokens { get; init; }

    /// <summary>The most tokens of any 60 s, the output of a request counted when it ended, as the limiter books it.</summary>
    public required long WorstMinuteBooked { get; init; }

    public required long WorstMinuteRequests { get; init; }

    /// <summary>For how long a sliding minute had more tokens than the limit.</summary>
    public required TimeSpan TimeOver { get; init; }

    /// <summary>Of the tokens the oracle admitted, the share that was admitted by the instant the oracle had admitted its last.</summary>
    public required double Utilisation { get; init; }

    /// <summary>When the last request was admitted.</summary>
    public required TimeSpan End { get; init; }

    /// <summary>When the oracle had admitted its last request, and the trace was over.</summary>
    public required TimeSpan OracleEnd { get; init; }

    public required WaitTimes Waits { get; init; }

    public required WaitTimes OracleWaits { get; init; }

    public int Refused => Requests - Admitted;

    /// <summary>The worse of the two ways to count.</summary>
    public long WorstMinute => Math.Max(WorstMinuteTokens, WorstMinuteBooked);
}

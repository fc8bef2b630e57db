namespace TokenBudget.Cli.Requests;

/// <summary>One request of a trace.</summary>
/// <param name="Id">Its number in the trace, from 0.</param>
/// <param name="Arrived">When it arrived, in ticks of 100 ns from the beginning of the trace.</param>
/// <param name="InputTokens">Input tokens, not negative.</param>
/// <param name="OutputTokens">Output tokens, not negative.</param>
internal readonly record struct TracedRequest(int Id, long Arrived, long InputTokens, long OutputTokens)
{
    public long TotalTokens => InputTokens + OutputTokens;
}

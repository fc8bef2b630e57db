namespace TokenBudget.Cli.Requests;

/// <summary>How long a request runs once it was admitted, and so how long its reservation is open.</summary>
/// <param name="FirstToken">Until the first token, whatever the size of the prompt.</param>
/// <param name="OutputTokensPerSecond">The speed of generation.</param>
internal readonly record struct ServiceTime(TimeSpan FirstToken, double OutputTokensPerSecond)
{
    public TimeSpan Of(TracedRequest request) => FirstToken + TimeSpan.FromSeconds(request.OutputTokens / OutputTokensPerSecond);
}

using System.Globalization;

namespace TokenBudget.Testing;

/// <summary>The most of each that was seen in any 60 s; not necessarily in the same ones.</summary>
/// <param name="Requests">Requests that arrived, answered or not.</param>
/// <param name="InputTokens">Input tokens, fresh or written to the cache.</param>
/// <param name="OutputTokens">Output tokens, by the arrival of their request.</param>
/// <param name="Tokens">All tokens, those read from the cache too.</param>
public readonly record struct SimulatedMinute(long Requests, long InputTokens, long OutputTokens, long Tokens)
{
    /// <summary>In words.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{InputTokens:N0} input and {OutputTokens:N0} output tokens, {Requests:N0} requests");
}

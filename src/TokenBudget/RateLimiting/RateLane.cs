using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>
/// The dimensions of a limit as lanes of one vector: what is admitted has to fit in all of them, and that is one comparison.
/// </summary>
internal static class RateLane
{
    public const int Requests = 0;
    public const int Input = 1;
    public const int Output = 2;
    public const int Total = 3;
    public const int Count = 4;

    /// <summary>One request and nothing else.</summary>
    public static Vector256<long> OneRequest => Vector256.Create(1L, 0, 0, 0);

    /// <summary>Tokens that count each for itself and together.</summary>
    public static Vector256<long> Tokens(long input, long output) => Vector256.Create(0, input, output, input + output);

    /// <summary>The limits of each lane; where there is none, the largest number.</summary>
    public static Vector256<long> Of(RateLimits limits) => Vector256.Create(
        limits.RequestsPerMinute ?? long.MaxValue,
        limits.InputTokensPerMinute ?? long.MaxValue,
        limits.OutputTokensPerMinute ?? long.MaxValue,
        limits.TokensPerMinute ?? long.MaxValue);

    /// <summary>The lane's name in errors.</summary>
    public static string NameOf(int lane) => lane switch
    {
        Requests => "requests",
        Input => "input tokens",
        Output => "output tokens",
        _ => "tokens",
    };
}

namespace TokenBudget.Retries;

/// <summary>
/// How a request failed for good: what the provider said last, and how often it was asked. The exception of the SDK itself reaches the caller, so that handlers for it go on
/// working; this goes with it.
/// </summary>
/// <param name="Error">The last failure.</param>
/// <param name="Attempts">Requests sent for the call, the first included.</param>
public sealed record ProviderFailure(ProviderError Error, int Attempts)
{
    private const string Key = "TokenBudget.ProviderFailure";

    /// <summary>What is known about an exception that a budgeted client threw; <see langword="null"/> when it came from elsewhere.</summary>
    /// <param name="exception">The exception, or one that wraps it.</param>
    public static ProviderFailure? Of(Exception? exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause.Data[Key] is ProviderFailure failure)
                return failure;
        return null;
    }

    internal void AttachTo(Exception exception) => exception.Data[Key] = this;
}

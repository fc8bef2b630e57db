namespace TokenBudget;

/// <summary>How a rate limit counts.</summary>
public enum RateLimitMode
{
    /// <summary>Nothing over the limit in any sliding 60 seconds. Input counts from admission, output from settlement, and both are held as upper bounds in between.</summary>
    StrictWindow,

    /// <summary>As the provider counts: a bucket of one minute's limit that refills continuously, charged by the rules of its <see cref="RateLimiting.ProviderProfile"/>. No needless waiting, but up to twice the limit in a minute that follows an idle one.</summary>
    ProviderBucket,
}

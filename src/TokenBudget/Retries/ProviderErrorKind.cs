namespace TokenBudget.Retries;

/// <summary>What kind of failure a provider reported, by what can be done about it.</summary>
public enum ProviderErrorKind
{
    /// <summary>None of the others. Not tried again.</summary>
    Unknown,

    /// <summary>Too many requests or tokens a minute: wait and send again.</summary>
    RateLimited,

    /// <summary>Traffic grew too fast (<c>slow_down</c>): go back to half the rate, hold it for a quarter of an hour, and grow slowly.</summary>
    SlowDown,

    /// <summary>The provider has more to do than it can (529, 503): try again later.</summary>
    Overloaded,

    /// <summary>The provider or a proxy failed (408, 409, 500, 502, 504): try again.</summary>
    Transient,

    /// <summary>The connection could not be made, broke, or stayed silent for too long: try again if nothing has reached the caller.</summary>
    Connection,

    /// <summary>Money: a credit, a spend limit or a quota is used up. Waiting a minute does not help; somebody has to act.</summary>
    SpendLimit,

    /// <summary>The request is larger than the provider ever takes: larger than its body limit or than a minute's rate limit.</summary>
    TooLarge,

    /// <summary>Prompt and answer together do not fit the model's context.</summary>
    ContextOverflow,

    /// <summary>The key is missing, wrong, or not allowed to do this.</summary>
    Authentication,

    /// <summary>The request is not valid, or asks for what does not exist.</summary>
    Invalid,
}

namespace TokenBudget;

/// <summary>What a rate limit holds of a request until its answer is there.</summary>
public enum RateEstimate
{
    /// <summary>What requests of its method have used of their upper bounds, with room beside it for those that use more. The bound itself until 100 answers are known, and where the provider charges it.</summary>
    Learned,

    /// <summary>All it may use: nothing is ever over the limit, and a generous maximum idles it.</summary>
    UpperBound,
}

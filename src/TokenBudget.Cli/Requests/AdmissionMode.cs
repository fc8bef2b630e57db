namespace TokenBudget.Cli.Requests;

/// <summary>What the replayed limiter holds.</summary>
internal enum AdmissionMode
{
    /// <summary>The limit in every sliding minute.</summary>
    Strict,

    /// <summary>The provider's bucket of the size of the limit.</summary>
    Bucket,
}

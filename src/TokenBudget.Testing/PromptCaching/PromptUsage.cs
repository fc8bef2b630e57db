namespace TokenBudget.Testing;

/// <summary>How the tokens of one prompt are billed.</summary>
internal readonly record struct PromptUsage(int Fresh, int Read, int Write5Minutes, int Write1Hour)
{
    public int Written => Write5Minutes + Write1Hour;

    public int Total => Fresh + Read + Written;

    /// <summary>What the input limit counts: all but what was read from the cache (documented).</summary>
    public int LimitCharge => Fresh + Written;
}

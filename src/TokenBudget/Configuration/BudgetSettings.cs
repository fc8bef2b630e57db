namespace TokenBudget.Configuration;

/// <summary>
/// Everything that can be said about a method's budget, each value optional. Attributes, configuration and environment
/// all speak in this one record; <see cref="Over"/> lets the higher one win value by value.
/// </summary>
public sealed record BudgetSettings
{
    // Sums of limits and of what is spent stay far inside the range of Usd.
    internal const decimal HighestLimitUsd = 1_000_000m;

    /// <summary>Below this, what two questions have in common is their topic.</summary>
    internal const double LeastSimilarity = 0.8;

    /// <summary>Says nothing.</summary>
    public static BudgetSettings Unset { get; } = new();

    /// <summary>The model id.</summary>
    public string? Model { get; init; }

    /// <summary>High-water mark of one request, in tokens.</summary>
    public int? MaxContextTokens { get; init; }

    /// <summary>Low-water mark a cut goes to, in tokens.</summary>
    public int? TrimToTokens { get; init; }

    /// <summary>The most messages of one request, system messages not counted.</summary>
    public int? MaxMessages { get; init; }

    /// <summary>How much older than the newest message a message may be.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>How many of the newest tool results a cut leaves whole; unset, all that it sends.</summary>
    public int? KeepToolResults { get; init; }

    /// <summary>Tools whose results are never cleared, with commas between.</summary>
    public string? KeepResultsOf { get; init; }

    /// <summary>The most tokens of one answer.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>The most model requests of one call.</summary>
    public int? MaxRounds { get; init; }

    /// <summary>How the context is cut.</summary>
    public WindowPolicy? Window { get; init; }

    /// <summary>The name of the shared rate limit; unset, the agent's name.</summary>
    public string? LimitName { get; init; }

    /// <summary>Input and output tokens per minute.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Input tokens per minute.</summary>
    public long? InputTokensPerMinute { get; init; }

    /// <summary>Output tokens per minute.</summary>
    public long? OutputTokensPerMinute { get; init; }

    /// <summary>Requests per minute.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>The most requests that may be open at the same time.</summary>
    public int? MaxConcurrentRequests { get; init; }

    /// <summary>Input and output tokens per minute of each tenant.</summary>
    public long? TenantTokensPerMinute { get; init; }

    /// <summary>Requests per minute of each tenant.</summary>
    public long? TenantRequestsPerMinute { get; init; }

    /// <summary>How the rate is counted.</summary>
    public RateLimitMode? RateMode { get; init; }

    /// <summary>What a rate limit holds of a request until its answer is there.</summary>
    public RateEstimate? RateEstimate { get; init; }

    /// <summary>How a rate limit that is shared with other processes is held while their store is away.</summary>
    public StoreFallback? WhenStoreIsAway { get; init; }

    /// <summary>Whose turn it is when callers of the same rate limit wait.</summary>
    public RatePriority? RatePriority { get; init; }

    /// <summary>The most attempts of one request, the first included.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>How long after its call began a request may still be sent. What would have to wait longer, for a rate limit, a cool-down or a retry, fails at once.</summary>
    public TimeSpan? MaxWait { get; init; }

    /// <summary>The name of the shared cost budget; unset, the agent's name.</summary>
    public string? BudgetName { get; init; }

    /// <summary>The most to spend in one period, in US dollars: 0 to 1,000,000.</summary>
    public decimal? LimitUsd { get; init; }

    /// <summary>The period of <see cref="LimitUsd"/>.</summary>
    public BudgetPeriod? Period { get; init; }

    /// <summary>The most one call may cost with all its requests, in US dollars: 0 to 1,000,000.</summary>
    public decimal? MaxUsdPerCall { get; init; }

    /// <summary>What becomes of a call that does not fit one of its limits in dollars.</summary>
    public AtLimit? AtLimit { get; init; }

    /// <summary>Further limits of the same budget: for another period, or for each method, model or tenant. They hold besides <see cref="LimitUsd"/>.</summary>
    public CostLimits CostLimits { get; init; } = CostLimits.None;

    /// <summary>The model for simple requests.</summary>
    public string? WhenSimple { get; init; }

    /// <summary>The most input tokens of a simple request.</summary>
    public int? SimpleTokens { get; init; }

    /// <summary>The model for a budget that is nearly spent.</summary>
    public string? WhenBudgetIsLow { get; init; }

    /// <summary>The share of a limit, in percent, from which a budget is low.</summary>
    public int? LowBudgetPercent { get; init; }

    /// <summary>The model while the agent's own is overloaded.</summary>
    public string? WhenOverloaded { get; init; }

    /// <summary>Whether answers are cached.</summary>
    public bool? Cached { get; init; }

    /// <summary>How long a cached answer serves.</summary>
    public TimeSpan? CacheTtl { get; init; }

    /// <summary>Who may share a cached answer.</summary>
    public CacheScope? CacheScope { get; init; }

    /// <summary>How long after its time a cached answer may still serve while no new one can be made.</summary>
    public TimeSpan? CacheStale { get; init; }

    /// <summary>Whether answers that call tools are cached.</summary>
    public bool? CacheToolCalls { get; init; }

    /// <summary>Whether calls with a temperature above 0 are cached.</summary>
    public bool? CacheAnyTemperature { get; init; }

    /// <summary>The least similarity at which the answer to another question serves, from 0.8 to 1; none, only the answer to the same question does.</summary>
    public double? CacheSimilarity { get; init; }

    /// <summary>Whether conversations are summarized.</summary>
    public bool? Summarized { get; init; }

    /// <summary>Summarize when more than this many messages are not yet in the summary.</summary>
    public int? SummarizeAfterMessages { get; init; }

    /// <summary>Summarize when the messages that are not yet in the summary have more than this many tokens.</summary>
    public int? SummarizeAfterTokens { get; init; }

    /// <summary>The length of a summary, in words.</summary>
    public int? SummaryMaxWords { get; init; }

    /// <summary>The model that writes summaries.</summary>
    public string? SummaryModel { get; init; }

    /// <summary>These settings, and where they are silent, the lower ones.</summary>
    /// <param name="lower">The settings with less authority.</param>
    public BudgetSettings Over(BudgetSettings lower)
    {
        ArgumentNullException.ThrowIfNull(lower);
        return new BudgetSettings
        {
            Model = Model ?? lower.Model,
            MaxContextTokens = MaxContextTokens ?? lower.MaxContextTokens,
            TrimToTokens = TrimToTokens ?? lower.TrimToTokens,
            MaxMessages = MaxMessages ?? lower.MaxMessages,
            MaxAge = MaxAge ?? lower.MaxAge,
            KeepToolResults = KeepToolResults ?? lower.KeepToolResults,
            KeepResultsOf = KeepResultsOf ?? lower.KeepResultsOf,
            MaxOutputTokens = MaxOutputTokens ?? lower.MaxOutputTokens,
            MaxRounds = MaxRounds ?? lower.MaxRounds,
            Window = Window ?? lower.Window,
            LimitName = LimitName ?? lower.LimitName,
            TokensPerMinute = TokensPerMinute ?? lower.TokensPerMinute,
            InputTokensPerMinute = InputTokensPerMinute ?? lower.InputTokensPerMinute,
            OutputTokensPerMinute = OutputTokensPerMinute ?? lower.OutputTokensPerMinute,
            RequestsPerMinute = RequestsPerMinute ?? lower.RequestsPerMinute,
            MaxConcurrentRequests = MaxConcurrentRequests ?? lower.MaxConcurrentRequests,
            TenantTokensPerMinute = TenantTokensPerMinute ?? lower.TenantTokensPerMinute,
            TenantRequestsPerMinute = TenantRequestsPerMinute ?? lower.TenantRequestsPerMinute,
            RateMode = RateMode ?? lower.RateMode,
            RateEstimate = RateEstimate ?? lower.RateEstimate,
            WhenStoreIsAway = WhenStoreIsAway ?? lower.WhenStoreIsAway,
            RatePriority = RatePriority ?? lower.RatePriority,
            MaxAttempts = MaxAttempts ?? lower.MaxAttempts,
            MaxWait = MaxWait ?? lower.MaxWait,
            BudgetName = BudgetName ?? lower.BudgetName,
            LimitUsd = LimitUsd ?? lower.LimitUsd,
            Period = Period ?? lower.Period,
            MaxUsdPerCall = MaxUsdPerCall ?? lower.MaxUsdPerCall,
            AtLimit = AtLimit ?? lower.AtLimit,
            CostLimits = CostLimits.Over(lower.CostLimits),
            WhenSimple = WhenSimple ?? lower.WhenSimple,
            SimpleTokens = SimpleTokens ?? lower.SimpleTokens,
            WhenBudgetIsLow = WhenBudgetIsLow ?? lower.WhenBudgetIsLow,
            LowBudgetPercent = LowBudgetPercent ?? lower.LowBudgetPercent,
            WhenOverloaded = WhenOverloaded ?? lower.WhenOverloaded,
            Cached = Cached ?? lower.Cached,
            CacheTtl = CacheTtl ?? lower.CacheTtl,
            CacheScope = CacheScope ?? lower.CacheScope,
            CacheStale = CacheStale ?? lower.CacheStale,
            CacheToolCalls = CacheToolCalls ?? lower.CacheToolCalls,
            CacheAnyTemperature = CacheAnyTemperature ?? lower.CacheAnyTemperature,
            CacheSimilarity = CacheSimilarity ?? lower.CacheSimilarity,
            Summarized = Summarized ?? lower.Summarized,
            // Who names one of the two marks has said when: a default in messages must not undercut a mark in tokens.
            SummarizeAfterMessages = SummarizeAfterMessages ?? (SummarizeAfterTokens is null ? lower.SummarizeAfterMessages : null),
            SummarizeAfterTokens = SummarizeAfterTokens ?? (SummarizeAfterMessages is null ? lower.SummarizeAfterTokens : null),
            SummaryMaxWords = SummaryMaxWords ?? lower.SummaryMaxWords,
            SummaryModel = SummaryModel ?? lower.SummaryModel,
        };
    }
}

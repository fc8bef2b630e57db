using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Which settings an attribute speaks of.</summary>
/// <param name="Attribute">The attribute's metadata name.</param>
/// <param name="Flag">The setting its mere presence turns on, or null.</param>
/// <param name="Arguments">Its named arguments.</param>
internal sealed record SettingSchema(string Attribute, string? Flag, params SettingArgument[] Arguments)
{
    /// <summary>Every attribute that carries settings, in the order of <c>BudgetSettings</c>.</summary>
    public static readonly SettingSchema[] All =
    [
        new(WellKnownNames.ChatAgentAttribute, null, new SettingArgument("Model", "Model", SettingKind.Text)),
        new(
            WellKnownNames.TokenBudgetAttribute,
            null,
            new SettingArgument("MaxContextTokens", "MaxContextTokens", SettingKind.Number),
            new SettingArgument("TrimToTokens", "TrimToTokens", SettingKind.Number),
            new SettingArgument("MaxMessages", "MaxMessages", SettingKind.Number),
            new SettingArgument("MaxAgeMinutes", "MaxAge", SettingKind.Minutes),
            new SettingArgument("KeepToolResults", "KeepToolResults", SettingKind.Number),
            new SettingArgument("KeepResultsOf", "KeepResultsOf", SettingKind.Text),
            new SettingArgument("MaxOutputTokens", "MaxOutputTokens", SettingKind.Number),
            new SettingArgument("MaxRounds", "MaxRounds", SettingKind.Number),
            new SettingArgument("Window", "Window", SettingKind.WindowPolicy)),
        new(
            WellKnownNames.RateLimitedAttribute,
            null,
            new SettingArgument("LimitName", "LimitName", SettingKind.Text),
            new SettingArgument("TokensPerMinute", "TokensPerMinute", SettingKind.Long),
            new SettingArgument("InputTokensPerMinute", "InputTokensPerMinute", SettingKind.Long),
            new SettingArgument("OutputTokensPerMinute", "OutputTokensPerMinute", SettingKind.Long),
            new SettingArgument("RequestsPerMinute", "RequestsPerMinute", SettingKind.Long),
            new SettingArgument("MaxConcurrentRequests", "MaxConcurrentRequests", SettingKind.Number),
            new SettingArgument("TenantTokensPerMinute", "TenantTokensPerMinute", SettingKind.Long),
            new SettingArgument("TenantRequestsPerMinute", "TenantRequestsPerMinute", SettingKind.Long),
            new SettingArgument("Mode", "RateMode", SettingKind.RateLimitMode),
            new SettingArgument("Estimate", "RateEstimate", SettingKind.RateEstimate),
            new SettingArgument("WhenStoreIsAway", "WhenStoreIsAway", SettingKind.StoreFallback),
            new SettingArgument("Priority", "RatePriority", SettingKind.RatePriority),
            new SettingArgument("MaxAttempts", "MaxAttempts", SettingKind.Number),
            new SettingArgument("MaxWaitSeconds", "MaxWait", SettingKind.Seconds)),
        new(
            WellKnownNames.CostTrackedAttribute,
            null,
            new SettingArgument("BudgetName", "BudgetName", SettingKind.Text),
            new SettingArgument("LimitUsd", "LimitUsd", SettingKind.Usd, OfFirstLimit: true),
            new SettingArgument("Period", "Period", SettingKind.BudgetPeriod, OfFirstLimit: true),
            new SettingArgument("MaxUsdPerCall", "MaxUsdPerCall", SettingKind.Usd),
            new SettingArgument("AtLimit", "AtLimit", SettingKind.AtLimit),
            new SettingArgument("Per", "CostLimits", SettingKind.CostLimits)),
        new(
            WellKnownNames.RoutedToAttribute,
            null,
            new SettingArgument("WhenSimple", "WhenSimple", SettingKind.Text),
            new SettingArgument("SimpleTokens", "SimpleTokens", SettingKind.Number),
            new SettingArgument("WhenBudgetIsLow", "WhenBudgetIsLow", SettingKind.Text),
            new SettingArgument("LowBudgetPercent", "LowBudgetPercent", SettingKind.Number),
            new SettingArgument("WhenOverloaded", "WhenOverloaded", SettingKind.Text)),
        new(
            WellKnownNames.CachedAttribute,
            "Cached",
            new SettingArgument("TtlMinutes", "CacheTtl", SettingKind.Minutes),
            new SettingArgument("Scope", "CacheScope", SettingKind.CacheScope),
            new SettingArgument("StaleMinutes", "CacheStale", SettingKind.Minutes),
            new SettingArgument("ToolCalls", "CacheToolCalls", SettingKind.Flag),
            new SettingArgument("AnyTemperature", "CacheAnyTemperature", SettingKind.Flag),
            new SettingArgument("Similarity", "CacheSimilarity", SettingKind.Similarity)),
        new(
            WellKnownNames.SummarizedAttribute,
            "Summarized",
            new SettingArgument("AfterMessages", "SummarizeAfterMessages", SettingKind.Number),
            new SettingArgument("AfterTokens", "SummarizeAfterTokens", SettingKind.Number),
            new SettingArgument("MaxWords", "SummaryMaxWords", SettingKind.Number),
            new SettingArgument("Model", "SummaryModel", SettingKind.Text)),
    ];
}

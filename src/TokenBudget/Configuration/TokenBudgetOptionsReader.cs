using Microsoft.Extensions.Configuration;

namespace TokenBudget.Configuration;

/// <summary>Fills options from the environment's names and from the section <c>TokenBudget</c>.</summary>
public static class TokenBudgetOptionsReader
{
    private const int Billion = 1_000_000_000;
    private const string CostLimitsKey = "CostLimits";
    private const long Trillion = 1_000_000_000_000;

    /// <summary>Reads the environment variables of this process.</summary>
    /// <exception cref="TokenBudgetConfigurationException">A value means nothing; the message names the variable, the value and what is allowed.</exception>
    public static TokenBudgetOptions FromEnvironment() => Read(Environment.GetEnvironmentVariable, section: null);

    /// <summary>Reads a configuration: the environment's names at its root (a host's configuration has them there) and the section <c>TokenBudget</c>, which wins.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <exception cref="TokenBudgetConfigurationException">A value means nothing; the message names the key, the value and what is allowed.</exception>
    public static TokenBudgetOptions FromConfiguration(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Read(name => configuration[name], configuration.GetSection(TokenBudgetOptions.SectionName));
    }

    internal static TokenBudgetOptions Read(Func<string, string?> environment, IConfigurationSection? section)
    {
        var errors = new List<string>();
        var options = new TokenBudgetOptions();
        var variables = new SettingReader(environment, string.Empty, errors);
        options.Enabled = variables.Flag("TOKEN_MANAGEMENT_ENABLED") ?? options.Enabled;
        options.CacheMaxBytes = variables.Whole("CACHE_MAX_SIZE_MB", 1, 1_000_000) * 1024 * 1024 ?? options.CacheMaxBytes;
        options.CostAlertThresholdUsd = variables.Dollars("COST_ALERT_THRESHOLD_USD") ?? options.CostAlertThresholdUsd;
        options.Defaults = new BudgetSettings
        {
            MaxContextTokens = variables.Count("MAX_CONTEXT_TOKENS", 1, Billion),
            MaxMessages = variables.Count("MAX_MESSAGES_IN_MEMORY", 2, Billion),
            TokensPerMinute = variables.Whole("RATE_LIMIT_TOKENS_PER_MINUTE", 1, Trillion),
            WhenStoreIsAway = variables.Choice<StoreFallback>("RATE_LIMIT_WHEN_STORE_IS_AWAY"),
            CacheTtl = Minutes(variables.Count("CACHE_TTL_MINUTES", 1, 525_600)),
            SummarizeAfterMessages = variables.Count("SUMMARIZATION_THRESHOLD_MESSAGES", 2, Billion),
        }.Over(options.Defaults);

        if (section is not null)
            ReadSection(section, options, errors);
        return errors.Count == 0 ? options : throw new TokenBudgetConfigurationException(errors);
    }

    private static void ReadSection(IConfigurationSection section, TokenBudgetOptions options, List<string> errors)
    {
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "Defaults", "Agents", "Budgets", "RateLimits", "Retries", "TenantWeights" };
        var reader = ReaderOf(section, known, errors);
        options.Enabled = reader.Flag("Enabled") ?? options.Enabled;
        options.CacheInDistributedCache = reader.Flag("CacheInDistributedCache") ?? options.CacheInDistributedCache;
        options.CacheMaxBytes = reader.Whole("CacheMaxBytes", 1, Trillion) ?? options.CacheMaxBytes;
        options.CacheSimilarityMaxBytes = reader.Whole("CacheSimilarityMaxBytes", 1, Trillion) ?? options.CacheSimilarityMaxBytes;
        options.CacheSimilarityTimeout = reader.Seconds("CacheSimilarityTimeoutSeconds", 0.001, 60) ?? options.CacheSimilarityTimeout;
        options.CostAlertThresholdUsd = reader.Dollars("CostAlertThresholdUsd") ?? options.CostAlertThresholdUsd;
        options.CostAlertPercents = reader.Percents("CostAlertPercents") ?? options.CostAlertPercents;
        options.AllowUnknownPrices = reader.Flag("AllowUnknownPrices") ?? options.AllowUnknownPrices;
        RefuseUnknown(section.GetChildren(), known, errors);
        options.Defaults = ReadSettings(section.GetSection("Defaults"), errors).Over(options.Defaults);
        foreach (var agent in section.GetSection("Agents").GetChildren())
        {
            var agentOptions = new AgentOptions { Settings = ReadSettings(agent, errors, hasMethods: true) };
            foreach (var method in agent.GetChildren().Where(IsMethod))
                agentOptions.Methods[MethodName(method.Key)] = ReadSettings(method, errors);
            options.Agents[agent.Key] = agentOptions;
        }

        foreach (var budget in section.GetSection("Budgets").GetChildren())
            options.Budgets[budget.Key] = ReadRule(budget, errors);
        foreach (var limits in section.GetSection("RateLimits").GetChildren())
            options.RateLimits[limits.Key] = RateLimitsReader.Read(limits, errors);
        var weights = new SettingReader(name => section.GetSection("TenantWeights")[name], $"{section.Path}:TenantWeights:", errors);
        foreach (var tenant in section.GetSection("TenantWeights").GetChildren())
            options.TenantWeights[tenant.Key] = weights.Number(tenant.Key, TokenBudgetOptions.LeastTenantWeight, TokenBudgetOptions.MostTenantWeight) ?? 1;
        RetryOptionsReader.Read(section.GetSection("Retries"), options.Retries, errors);
    }

    /// <summary>A child with children of its own is a method; a leaf is a value of the agent.</summary>
    private static bool IsMethod(IConfigurationSection child) => child.Value is null && !child.Key.Equals(CostLimitsKey, StringComparison.OrdinalIgnoreCase);

    private static BudgetRule ReadRule(IConfigurationSection section, List<string> errors)
    {
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var reader = ReaderOf(section, known, errors);
        var rule = new BudgetRule
        {
            LimitUsd = reader.Dollars("LimitUsd"),
            Period = reader.Choice<BudgetPeriod>("Period") ?? BudgetPeriod.Day,
            Per = reader.Choice<BudgetScope>("Per") ?? BudgetScope.Shared,
            AtLimit = reader.Choice<AtLimit>("AtLimit") ?? AtLimit.Refuse,
            Agent = reader.Text("Agent"),
            Method = reader.Text("Method") is { } method ? MethodName(method) : null,
            Model = reader.Text("Model"),
            Tenant = reader.Text("Tenant"),
        };
        RefuseUnknown(section.GetChildren(), known, errors);
        return rule;
    }

    /// <summary>Scopes, in them periods, in them dollars: <c>CostLimits:Tenant:Day = 1.50</c>.</summary>
    private static CostLimits ReadCostLimits(IConfigurationSection section, List<string> errors)
    {
        var limits = new List<CostLimit>();
        var scopes = new HashSet<string>(Enum.GetNames<BudgetScope>(), StringComparer.OrdinalIgnoreCase);
        RefuseUnknown(section.GetChildren(), scopes, errors);
        foreach (var scope in section.GetChildren().Where(scope => scopes.Contains(scope.Key)))
        {
            var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            var reader = ReaderOf(scope, known, errors);
            foreach (var period in Enum.GetValues<BudgetPeriod>())
                if (reader.Dollars(period.ToString()) is { } dollars)
                    limits.Add(new CostLimit(Enum.Parse<BudgetScope>(scope.Key, ignoreCase: true), period, dollars));
            RefuseUnknown(scope.GetChildren(), known, errors);
        }

        return [.. limits];
    }

    /// <summary>Policies name methods without <c>Async</c>; who writes the whole name means the same.</summary>
    private static string MethodName(string key) =>
        key.Length > 5 && key.EndsWith("Async", StringComparison.OrdinalIgnoreCase) ? key[..^5] : key;

    private static BudgetSettings ReadSettings(IConfigurationSection section, List<string> errors, bool hasMethods = false)
    {
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var reader = ReaderOf(section, known, errors);
        var settings = new BudgetSettings
        {
            Model = reader.Text("Model"),
            MaxContextTokens = reader.Count("MaxContextTokens", 1, Billion),
            TrimToTokens = reader.Count("TrimToTokens", 1, Billion),
            MaxMessages = reader.Count("MaxMessages", 2, Billion),
            MaxAge = Minutes(reader.Count("MaxAgeMinutes", 1, Billion)),
            KeepToolResults = reader.Count("KeepToolResults", 0, Billion),
            KeepResultsOf = reader.Text("KeepResultsOf"),
            MaxOutputTokens = reader.Count("MaxOutputTokens", 1, Billion),
            MaxRounds = reader.Count("MaxRounds", 1, 10_000),
            Window = reader.Choice<WindowPolicy>("Window"),
            LimitName = reader.Text("LimitName"),
            TokensPerMinute = reader.Whole("TokensPerMinute", 1, Trillion),
            InputTokensPerMinute = reader.Whole("InputTokensPerMinute", 1, Trillion),
            OutputTokensPerMinute = reader.Whole("OutputTokensPerMinute", 1, Trillion),
            RequestsPerMinute = reader.Whole("RequestsPerMinute", 1, Billion),
            MaxConcurrentRequests = reader.Count("MaxConcurrentRequests", 1, Billion),
            TenantTokensPerMinute = reader.Whole("TenantTokensPerMinute", 1, Trillion),
            TenantRequestsPerMinute = reader.Whole("TenantRequestsPerMinute", 1, Billion),
            RateMode = reader.Choice<RateLimitMode>("RateMode"),
            RateEstimate = reader.Choice<RateEstimate>("RateEstimate"),
            WhenStoreIsAway = reader.Choice<StoreFallback>("WhenStoreIsAway"),
            RatePriority = reader.Choice<RatePriority>("RatePriority"),
            MaxAttempts = reader.Count("MaxAttempts", 1, 100),
            MaxWait = Seconds(reader.Count("MaxWaitSeconds", 1, 86_400)),
            BudgetName = reader.Text("BudgetName"),
            LimitUsd = reader.Dollars("LimitUsd"),
            Period = reader.Choice<BudgetPeriod>("Period"),
            MaxUsdPerCall = reader.Dollars("MaxUsdPerCall"),
            AtLimit = reader.Choice<AtLimit>("AtLimit"),
            CostLimits = ReadCostLimits(section.GetSection(CostLimitsKey), errors),
            WhenSimple = reader.Text("WhenSimple"),
            SimpleTokens = reader.Count("SimpleTokens", 1, Billion),
            WhenBudgetIsLow = reader.Text("WhenBudgetIsLow"),
            LowBudgetPercent = reader.Count("LowBudgetPercent", 1, 1_000),
            WhenOverloaded = reader.Text("WhenOverloaded"),
            Cached = reader.Flag("Cached"),
            CacheTtl = Minutes(reader.Count("CacheTtlMinutes", 1, 525_600)),
            CacheScope = reader.Choice<CacheScope>("CacheScope"),
            CacheStale = Minutes(reader.Count("CacheStaleMinutes", 1, 525_600)),
            CacheToolCalls = reader.Flag("CacheToolCalls"),
            CacheAnyTemperature = reader.Flag("CacheAnyTemperature"),
            CacheSimilarity = reader.Number("CacheSimilarity", BudgetSettings.LeastSimilarity, 1),
            Summarized = reader.Flag("Summarized"),
            SummarizeAfterMessages = reader.Count("SummarizeAfterMessages", 2, Billion),
            SummarizeAfterTokens = reader.Count("SummarizeAfterTokens", 1, Billion),
            SummaryMaxWords = reader.Count("SummaryMaxWords", 10, 100_000),
            SummaryModel = reader.Text("SummaryModel"),
        };

        known.Add(CostLimitsKey);
        RefuseUnknown(section.GetChildren().Where(child => !hasMethods || !IsMethod(child)), known, errors);
        return settings;
    }

    /// <summary>A reader that remembers the names it was asked for.</summary>
    internal static SettingReader ReaderOf(IConfigurationSection section, HashSet<string> known, List<string> errors) => new(
        name =>
        {
            known.Add(name);
            return section[name];
        },
        section.Path + ":",
        errors);

    /// <summary>A misspelt key would silently leave a budget open.</summary>
    internal static void RefuseUnknown(IEnumerable<IConfigurationSection> children, HashSet<string> known, List<string> errors)
    {
        foreach (var child in children)
            if (!known.Contains(child.Key))
                errors.Add($"{child.Path} is not a setting; known are {string.Join(", ", known.Order(StringComparer.Ordinal))}.");
    }

    private static TimeSpan? Minutes(int? minutes) => minutes is { } some ? TimeSpan.FromMinutes(some) : null;

    private static TimeSpan? Seconds(int? seconds) => seconds is { } some ? TimeSpan.FromSeconds(some) : null;
}

using Microsoft.Extensions.Configuration;

namespace TokenBudget.Configuration;

/// <summary>Fills options from the environment's names and from the section <c>TokenBudget</c>.</summary>
public static class TokenBudgetOptionsReader
{
    private const int Billion = 1_000_000_000;
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
            CacheTtl = Minutes(variables.Count("CACHE_TTL_MINUTES", 1, 525_600)),
            SummarizeAfterMessages = variables.Count("SUMMARIZATION_THRESHOLD_MESSAGES", 2, Billion),
        }.Over(options.Defaults);

        if (section is not null)
            ReadSection(section, options, errors);
        return errors.Count == 0 ? options : throw new TokenBudgetConfigurationException(errors);
    }

    private static void ReadSection(IConfigurationSection section, TokenBudgetOptions options, List<string> errors)
    {
        var reader = new SettingReader(name => section[name], section.Path + ":", errors);
        options.Enabled = reader.Flag("Enabled") ?? options.Enabled;
        options.CacheMaxBytes = reader.Whole("CacheMaxBytes", 1, Trillion) ?? options.CacheMaxBytes;
        options.CostAlertThresholdUsd = reader.Dollars("CostAlertThresholdUsd") ?? options.CostAlertThresholdUsd;
        options.AllowUnknownPrices = reader.Flag("AllowUnknownPrices") ?? options.AllowUnknownPrices;
        options.Defaults = ReadSettings(section.GetSection("Defaults"), errors).Over(options.Defaults);
        foreach (var agent in section.GetSection("Agents").GetChildren())
        {
            var agentOptions = new AgentOptions { Settings = ReadSettings(agent, errors) };
            // A child with children of its own is a method; a leaf is a value of the agent.
            foreach (var method in agent.GetChildren().Where(static child => child.Value is null))
                agentOptions.Methods[method.Key] = ReadSettings(method, errors);
            options.Agents[agent.Key] = agentOptions;
        }
    }

    private static BudgetSettings ReadSettings(IConfigurationSection section, List<string> errors)
    {
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var reader = new SettingReader(Remember, section.Path + ":", errors);
        var settings = new BudgetSettings
        {
            Model = reader.Text("Model"),
            MaxContextTokens = reader.Count("MaxContextTokens", 1, Billion),
            TrimToTokens = reader.Count("TrimToTokens", 1, Billion),
            MaxMessages = reader.Count("MaxMessages", 2, Billion),
            MaxOutputTokens = reader.Count("MaxOutputTokens", 1, Billion),
            MaxRounds = reader.Count("MaxRounds", 1, 10_000),
            Window = reader.Choice<WindowPolicy>("Window"),
            LimitName = reader.Text("LimitName"),
            TokensPerMinute = reader.Whole("TokensPerMinute", 1, Trillion),
            InputTokensPerMinute = reader.Whole("InputTokensPerMinute", 1, Trillion),
            OutputTokensPerMinute = reader.Whole("OutputTokensPerMinute", 1, Trillion),
            RequestsPerMinute = reader.Whole("RequestsPerMinute", 1, Billion),
            BudgetName = reader.Text("BudgetName"),
            LimitUsd = reader.Dollars("LimitUsd"),
            Period = reader.Choice<BudgetPeriod>("Period"),
            Cached = reader.Flag("Cached"),
            CacheTtl = Minutes(reader.Count("CacheTtlMinutes", 1, 525_600)),
            CacheScope = reader.Choice<CacheScope>("CacheScope"),
            Summarized = reader.Flag("Summarized"),
            SummarizeAfterMessages = reader.Count("SummarizeAfterMessages", 2, Billion),
            SummaryMaxWords = reader.Count("SummaryMaxWords", 10, 100_000),
            SummaryModel = reader.Text("SummaryModel"),
        };

        // A misspelt key would silently leave a budget open.
        foreach (var child in section.GetChildren())
            if (child.Value is not null && !known.Contains(child.Key))
                errors.Add($"{child.Path} is not a setting; known are {string.Join(", ", known.Order(StringComparer.Ordinal))}.");
        return settings;

        string? Remember(string name)
        {
            known.Add(name);
            return section[name];
        }
    }

    private static TimeSpan? Minutes(int? minutes) => minutes is { } some ? TimeSpan.FromMinutes(some) : null;
}

using Microsoft.Extensions.Configuration;
using TokenBudget.Configuration;

namespace TokenBudget.Tests.Configuration;

/// <summary>Every name of the environment and of the section, and every way to get them wrong.</summary>
public sealed class OptionsReaderTests
{
    private static TokenBudgetOptions Read(params (string Name, string? Value)[] values) =>
        TokenBudgetOptionsReader.FromConfiguration(Configuration(values));

    private static IConfiguration Configuration(params (string Name, string? Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(static value => KeyValuePair.Create(value.Name, value.Value))).Build();

    private static TokenBudgetConfigurationException Refused(params (string Name, string? Value)[] values) =>
        Should.Throw<TokenBudgetConfigurationException>(() => Read(values));

    [Fact]
    public void With_nothing_said_the_documented_defaults_hold()
    {
        var options = Read();
        options.Enabled.ShouldBeTrue();
        options.CacheMaxBytes.ShouldBe(100L * 1024 * 1024);
        options.CostAlertThresholdUsd.ShouldBe(10m);
        options.AllowUnknownPrices.ShouldBeFalse();
        options.Defaults.ShouldBe(new BudgetSettings
        {
            MaxContextTokens = 50_000, TokensPerMinute = 400_000, MaxWait = TimeSpan.FromMinutes(10), CacheTtl = TimeSpan.FromMinutes(60),
            SummarizeAfterMessages = 20, SummaryMaxWords = 200, MaxRounds = 25,
        });
    }

    [Fact]
    public void Every_name_of_the_environment_is_read()
    {
        var options = Read(
            ("TOKEN_MANAGEMENT_ENABLED", "false"), ("MAX_CONTEXT_TOKENS", "60000"), ("MAX_MESSAGES_IN_MEMORY", "12"),
            ("RATE_LIMIT_TOKENS_PER_MINUTE", "500000"), ("CACHE_TTL_MINUTES", "5"), ("CACHE_MAX_SIZE_MB", "7"),
            ("COST_ALERT_THRESHOLD_USD", "12.5"), ("SUMMARIZATION_THRESHOLD_MESSAGES", "30"));
        options.Enabled.ShouldBeFalse();
        options.CacheMaxBytes.ShouldBe(7L * 1024 * 1024);
        options.CostAlertThresholdUsd.ShouldBe(12.5m);
        options.Defaults.ShouldBe(new BudgetSettings
        {
            MaxContextTokens = 60_000, MaxMessages = 12, TokensPerMinute = 500_000, MaxWait = TimeSpan.FromMinutes(10), CacheTtl = TimeSpan.FromMinutes(5),
            SummarizeAfterMessages = 30, SummaryMaxWords = 200, MaxRounds = 25,
        });
    }

    [Theory]
    [InlineData("TOKEN_MANAGEMENT_ENABLED", "maybe", "true or false")]
    [InlineData("MAX_CONTEXT_TOKENS", "0", "from 1 to 1,000,000,000")]
    [InlineData("MAX_CONTEXT_TOKENS", "50,000", "without separators")]
    [InlineData("MAX_CONTEXT_TOKENS", "5e4", "a whole number")]
    [InlineData("MAX_CONTEXT_TOKENS", " ", "a whole number")]
    [InlineData("MAX_MESSAGES_IN_MEMORY", "1", "from 2")]
    [InlineData("RATE_LIMIT_TOKENS_PER_MINUTE", "-1", "from 1 to 1,000,000,000,000")]
    [InlineData("RATE_LIMIT_TOKENS_PER_MINUTE", "99999999999999999999999", "from 1 to 1,000,000,000,000")]
    [InlineData("CACHE_TTL_MINUTES", "525601", "from 1 to 525,600")]
    [InlineData("CACHE_MAX_SIZE_MB", "many", "from 1 to 1,000,000")]
    [InlineData("COST_ALERT_THRESHOLD_USD", "10,00", "a point for decimals")]
    [InlineData("COST_ALERT_THRESHOLD_USD", "-1", "above 0")]
    [InlineData("COST_ALERT_THRESHOLD_USD", "NaN", "above 0 and up to 1000000")]
    [InlineData("SUMMARIZATION_THRESHOLD_MESSAGES", "1.5", "from 2")]
    [InlineData("TokenBudget:Defaults:Window", "Fast", "one of Economic, Sliding, None")]
    [InlineData("TokenBudget:Defaults:Period", "2", "one of Total, Hour, Day, Month")]
    [InlineData("TokenBudget:Defaults:Period", "Day, Month", "one of Total, Hour, Day, Month")]
    [InlineData("TokenBudget:Agents:Writer:Ask:MaxRounds", "0", "from 1 to 10,000")]
    public void A_bad_value_is_refused_with_name_value_and_range(string name, string value, string allowed)
    {
        var error = Refused((name, value)).Errors.ShouldHaveSingleItem();
        error.ShouldStartWith(name);
        error.ShouldContain($"'{value}'");
        error.ShouldContain(allowed);
    }

    [Fact]
    public void All_errors_come_at_once()
    {
        var exception = Refused(("MAX_CONTEXT_TOKENS", "x"), ("CACHE_TTL_MINUTES", "y"), ("TokenBudget:Agents:Writer:LimitUsd", "z"), ("TokenBudget:Agents:Writer:Typo", "1"));
        exception.Errors.Count.ShouldBe(4);
        foreach (var error in exception.Errors)
            exception.Message.ShouldContain(error);
    }

    [Theory]
    [InlineData("TRUE", true)]
    [InlineData("1", true)]
    [InlineData(" on ", true)]
    [InlineData("No", false)]
    [InlineData("0", false)]
    [InlineData("", true)]
    public void Flags_are_read_in_all_their_spellings(string value, bool expected) =>
        Read(("TOKEN_MANAGEMENT_ENABLED", value)).Enabled.ShouldBe(expected);

    [Fact]
    public void The_section_wins_over_the_environment()
    {
        var options = Read(
            ("MAX_CONTEXT_TOKENS", "60000"), ("TOKEN_MANAGEMENT_ENABLED", "true"), ("COST_ALERT_THRESHOLD_USD", "1"), ("CACHE_MAX_SIZE_MB", "1"),
            ("TokenBudget:Defaults:MaxContextTokens", "70000"), ("TokenBudget:Enabled", "false"), ("TokenBudget:CostAlertThresholdUsd", "2"),
            ("TokenBudget:CacheMaxBytes", "3"), ("TokenBudget:AllowUnknownPrices", "true"));
        options.Defaults.MaxContextTokens.ShouldBe(70_000);
        options.Enabled.ShouldBeFalse();
        options.CostAlertThresholdUsd.ShouldBe(2);
        options.CacheMaxBytes.ShouldBe(3);
        options.AllowUnknownPrices.ShouldBeTrue();
    }

    [Fact]
    public void Every_setting_of_an_agent_is_read()
    {
        var settings = Read(
            [.. new (string Key, string Value)[]
            {
                ("Model", "m"), ("MaxContextTokens", "1"), ("TrimToTokens", "2"), ("MaxMessages", "3"), ("MaxAgeMinutes", "16"), ("KeepToolResults", "17"), ("KeepResultsOf", "a, b"), ("MaxOutputTokens", "4"), ("MaxRounds", "5"),
                ("Window", "sliding"), ("LimitName", "l"), ("TokensPerMinute", "6"), ("InputTokensPerMinute", "7"), ("OutputTokensPerMinute", "8"),
                ("RequestsPerMinute", "9"), ("MaxConcurrentRequests", "3"), ("TenantTokensPerMinute", "17"), ("TenantRequestsPerMinute", "18"), ("RateMode", "providerbucket"), ("RateEstimate", "UpperBound"), ("WhenStoreIsAway", "failclosed"), ("RatePriority", "Low"), ("MaxAttempts", "14"), ("MaxWaitSeconds", "15"), ("BudgetName", "b"), ("LimitUsd", "0.5"), ("Period", "HOUR"), ("Cached", "yes"), ("CacheTtlMinutes", "10"),
                ("CacheScope", "Global"), ("CacheStaleMinutes", "18"), ("CacheToolCalls", "true"), ("CacheAnyTemperature", "1"), ("CacheSimilarity", "0.9"), ("Summarized", "on"), ("SummarizeAfterMessages", "11"), ("SummarizeAfterTokens", "13"), ("SummaryMaxWords", "12"), ("SummaryModel", "s"),
                ("MaxUsdPerCall", "0.25"), ("AtLimit", "pause"), ("CostLimits:Tenant:Day", "1.5"), ("CostLimits:shared:month", "100"), ("WhenSimple", "a"), ("SimpleTokens", "16"),
                ("WhenBudgetIsLow", "c"), ("LowBudgetPercent", "17"), ("WhenOverloaded", "d"),
            }.Select(static pair => ($"TokenBudget:Agents:Writer:{pair.Key}", (string?)pair.Value))]).Agents["writer"].Settings;
        settings.ShouldBe(new BudgetSettings
        {
            Model = "m", MaxContextTokens = 1, TrimToTokens = 2, MaxMessages = 3, MaxAge = TimeSpan.FromMinutes(16), KeepToolResults = 17, KeepResultsOf = "a, b", MaxOutputTokens = 4, MaxRounds = 5,
            Window = WindowPolicy.Sliding, LimitName = "l", TokensPerMinute = 6, InputTokensPerMinute = 7, OutputTokensPerMinute = 8,
            RequestsPerMinute = 9, MaxConcurrentRequests = 3, TenantTokensPerMinute = 17, TenantRequestsPerMinute = 18, RateMode = RateLimitMode.ProviderBucket, RateEstimate = RateEstimate.UpperBound, WhenStoreIsAway = StoreFallback.FailClosed, RatePriority = RatePriority.Low, MaxAttempts = 14, MaxWait = TimeSpan.FromSeconds(15), BudgetName = "b", LimitUsd = 0.5m, Period = BudgetPeriod.Hour, Cached = true, CacheTtl = TimeSpan.FromMinutes(10),
            CacheScope = CacheScope.Global, CacheStale = TimeSpan.FromMinutes(18), CacheToolCalls = true, CacheAnyTemperature = true, CacheSimilarity = 0.9, Summarized = true, SummarizeAfterMessages = 11, SummarizeAfterTokens = 13, SummaryMaxWords = 12, SummaryModel = "s",
            MaxUsdPerCall = 0.25m, AtLimit = AtLimit.Pause,
            CostLimits = [new CostLimit(BudgetScope.Shared, BudgetPeriod.Month, 100), new CostLimit(BudgetScope.Tenant, BudgetPeriod.Day, 1.5m)],
            WhenSimple = "a", SimpleTokens = 16, WhenBudgetIsLow = "c", LowBudgetPercent = 17, WhenOverloaded = "d",
        });
        foreach (var property in typeof(BudgetSettings).GetProperties().Where(static property => property.Name != nameof(BudgetSettings.Unset)))
            property.GetValue(settings).ShouldNotBeNull($"{property.Name} has no key in the configuration");
    }

    [Theory]
    [InlineData("TokenBudget:Agents:Writer:MaxContextToken")]
    [InlineData("TokenBudget:Agents:Writer:Ask:LimitUSDollars")]
    [InlineData("TokenBudget:Defaults:Tokens")]
    [InlineData("TokenBudget:CostAlertTresholdUsd")]
    [InlineData("TokenBudget:Agent:Writer:LimitUsd")]
    [InlineData("TokenBudget:Default:LimitUsd")]
    [InlineData("TokenBudget:Agents:Writer:Ask:Deep:LimitUsd")]
    [InlineData("TokenBudget:Agents:Writer:CostLimits:Tenants:Day")]
    [InlineData("TokenBudget:Agents:Writer:CostLimits:Tenant:Daily")]
    [InlineData("TokenBudget:Budgets:company:Limit")]
    public void A_misspelt_key_is_an_error(string key)
    {
        var error = Refused((key, "1")).Errors.ShouldHaveSingleItem();
        error.ShouldContain("is not a setting; known are");
        key.ShouldStartWith(error[..error.IndexOf(' ', StringComparison.Ordinal)]);
    }

    [Fact]
    public void Budgets_beyond_the_agents_are_read()
    {
        var options = Read(
            ("TokenBudget:Budgets:company:LimitUsd", "1000"), ("TokenBudget:Budgets:company:Period", "Month"),
            ("TokenBudget:Budgets:opus:Model", "claude-opus-4-6"), ("TokenBudget:Budgets:opus:Per", "Tenant"), ("TokenBudget:Budgets:opus:AtLimit", "Wait"),
            ("TokenBudget:Budgets:one:Agent", "Writer"), ("TokenBudget:Budgets:one:Method", "AskAsync"), ("TokenBudget:Budgets:one:Tenant", "acme"),
            ("TokenBudget:CostAlertPercents", "25, 75"));
        options.Budgets["Company"].ShouldBe(new BudgetRule { LimitUsd = 1_000, Period = BudgetPeriod.Month });
        options.Budgets["opus"].ShouldBe(new BudgetRule { Model = "claude-opus-4-6", Per = BudgetScope.Tenant, AtLimit = AtLimit.Wait });
        options.Budgets["one"].ShouldBe(new BudgetRule { Agent = "Writer", Method = "Ask", Tenant = "acme" });
        options.CostAlertPercents.ShouldBe([25, 75]);
        Refused(("TokenBudget:CostAlertPercents", "50;80")).Message.ShouldContain("separated by commas");
        Refused(("TokenBudget:Budgets:company:AtLimit", "Stop")).Message.ShouldContain("CheaperModel");
    }

    [Fact]
    public void A_method_may_be_named_with_or_without_async()
    {
        var options = Read(("TokenBudget:Agents:Writer:AskAsync:MaxOutputTokens", "1"), ("TokenBudget:Agents:Writer:Tell:MaxOutputTokens", "2"));
        options.Resolve("Writer", "Ask", BudgetSettings.Unset).MaxOutputTokens.ShouldBe(1);
        options.Resolve("Writer", "Tell", BudgetSettings.Unset).MaxOutputTokens.ShouldBe(2);
    }
}

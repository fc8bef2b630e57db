using Microsoft.Extensions.Configuration;
using TokenBudget.Configuration;
using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.Configuration;

/// <summary>The sections of named rate limits and of retries.</summary>
public sealed class RateAndRetryOptionsTests
{
    private static TokenBudgetOptions Read(params (string Name, string? Value)[] values) => TokenBudgetOptionsReader.FromConfiguration(
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(static value => KeyValuePair.Create("TokenBudget:" + value.Name, value.Value))).Build());

    [Fact]
    public void A_named_limit_is_read_whole()
    {
        var limits = Read(
            ("RateLimits:anthropic:InputTokensPerMinute", "1"), ("RateLimits:anthropic:OutputTokensPerMinute", "2"), ("RateLimits:anthropic:TokensPerMinute", "3"),
            ("RateLimits:anthropic:RequestsPerMinute", "4"), ("RateLimits:anthropic:MaxConcurrentRequests", "5"), ("RateLimits:anthropic:Mode", "ProviderBucket"),
            ("RateLimits:anthropic:Provider", "Anthropic"), ("RateLimits:anthropic:MaxTenants", "6"), ("RateLimits:anthropic:QueueLimit", "0"),
            ("RateLimits:anthropic:ReservationLifetimeSeconds", "90"), ("RateLimits:anthropic:PerTenant:TokensPerMinute", "8"), ("RateLimits:anthropic:PerTenant:MaxConcurrentRequests", "9"),
            ("RateLimits:other:TokensPerMinute", "10")).RateLimits;

        limits["ANTHROPIC"].ShouldBe(new RateLimits
        {
            InputTokensPerMinute = 1, OutputTokensPerMinute = 2, TokensPerMinute = 3, RequestsPerMinute = 4, MaxConcurrentRequests = 5,
            Mode = RateLimitMode.ProviderBucket, Profile = ProviderProfile.Anthropic, MaxTenants = 6, QueueLimit = 0, ReservationLifetime = TimeSpan.FromSeconds(90),
            PerTenant = new RateLimits { TokensPerMinute = 8, MaxConcurrentRequests = 9 },
        });
        limits["other"].ShouldBe(new RateLimits { TokensPerMinute = 10 });
    }

    [Fact]
    public void Retries_are_read_whole()
    {
        var retries = Read(
            ("Retries:MaxAttempts", "3"), ("Retries:MaxDelaySeconds", "90"), ("Retries:BackoffSeconds", "0.25"), ("Retries:MaxBackoffSeconds", "8"), ("Retries:Budget", "0.2"),
            ("Retries:BudgetReserve", "4"), ("Retries:SpendLimitPauseSeconds", "600"), ("Retries:StreamSilenceSeconds", "45")).Retries;
        retries.ShouldSatisfyAllConditions(
            () => retries.MaxAttempts.ShouldBe(3),
            () => retries.MaxDelay.ShouldBe(TimeSpan.FromSeconds(90)),
            () => retries.Backoff.ShouldBe(TimeSpan.FromMilliseconds(250)),
            () => retries.MaxBackoff.ShouldBe(TimeSpan.FromSeconds(8)),
            () => retries.Budget.ShouldBe(0.2),
            () => retries.BudgetReserve.ShouldBe(4),
            () => retries.SpendLimitPause.ShouldBe(TimeSpan.FromMinutes(10)),
            () => retries.StreamSilence.ShouldBe(TimeSpan.FromSeconds(45)));
        Read(("Retries:StreamSilenceSeconds", "0")).Retries.StreamSilence.ShouldBeNull();
        Read(("Enabled", "true")).Retries.StreamSilence.ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void Weights_of_tenants_are_read()
    {
        var weights = Read(("TenantWeights:acme", "2"), ("TenantWeights:free tier", "0.25")).TenantWeights;
        (weights["ACME"], weights["free tier"], weights.Count).ShouldBe((2, 0.25, 2));
    }

    [Theory]
    [InlineData("TenantWeights:acme", "0", "TokenBudget:TenantWeights:acme is '0'; allowed is a number from 0.001 to 1000")]
    [InlineData("TenantWeights:acme", "twice", "TokenBudget:TenantWeights:acme is 'twice'")]
    [InlineData("RateLimits:a:TokensPerMinute", "0", "TokenBudget:RateLimits:a:TokensPerMinute is '0'; allowed is a whole number from 1")]
    [InlineData("RateLimits:a:Mode", "Loose", "one of StrictWindow, ProviderBucket")]
    [InlineData("RateLimits:a:Provider", "antropic", "one of anthropic, openai, azure, generic")]
    [InlineData("RateLimits:a:TokenPerMinute", "5", "TokenBudget:RateLimits:a:TokenPerMinute is not a setting; known are")]
    [InlineData("RateLimits:a:PerTenant:QueueLimit", "5", "TokenBudget:RateLimits:a:PerTenant:QueueLimit is not a setting")]
    [InlineData("Retries:Budget", "1.5", "TokenBudget:Retries:Budget is '1.5'; allowed is a number from 0 to 1")]
    [InlineData("Retries:BackoffSeconds", "0", "a number from 0.001 to 86400")]
    [InlineData("Retries:BackoffSeconds", "NaN", "a number from 0.001 to 86400")]
    [InlineData("Retries:MaxBackoffSeconds", "0.1", "MaxBackoffSeconds is less than BackoffSeconds")]
    [InlineData("Retries:Attempts", "5", "TokenBudget:Retries:Attempts is not a setting")]
    public void What_means_nothing_is_refused(string name, string value, string expected) =>
        Should.Throw<TokenBudgetConfigurationException>(() => Read((name, value))).Message.ShouldContain(expected);
}

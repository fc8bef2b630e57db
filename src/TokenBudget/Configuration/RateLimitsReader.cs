using Microsoft.Extensions.Configuration;
using TokenBudget.RateLimiting;

namespace TokenBudget.Configuration;

/// <summary>Reads <c>TokenBudget:RateLimits:&lt;name&gt;</c>.</summary>
internal static class RateLimitsReader
{
    private const int Billion = 1_000_000_000;
    private const long Trillion = 1_000_000_000_000;

    public static RateLimits Read(IConfigurationSection section, List<string> errors)
    {
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "PerTenant" };
        var reader = TokenBudgetOptionsReader.ReaderOf(section, known, errors);
        var defaults = new RateLimits();
        var perTenant = section.GetSection("PerTenant");
        var limits = ReadFigures(reader) with
        {
            Mode = reader.Choice<RateLimitMode>("Mode") ?? default,
            Profile = ReadProfile(reader),
            PerTenant = perTenant.Exists() ? ReadTenant(perTenant, errors) : null,
            WhenStoreIsAway = reader.Choice<StoreFallback>("WhenStoreIsAway") ?? default,
            MaxTenants = reader.Count("MaxTenants", 1, Billion) ?? defaults.MaxTenants,
            QueueLimit = reader.Count("QueueLimit", 0, Billion) ?? defaults.QueueLimit,
            ReservationLifetime = reader.Seconds("ReservationLifetimeSeconds", 1, 86_400) ?? defaults.ReservationLifetime,
        };
        TokenBudgetOptionsReader.RefuseUnknown(section.GetChildren(), known, errors);
        return limits;
    }

    private static RateLimits ReadTenant(IConfigurationSection section, List<string> errors)
    {
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var limits = ReadFigures(TokenBudgetOptionsReader.ReaderOf(section, known, errors));
        TokenBudgetOptionsReader.RefuseUnknown(section.GetChildren(), known, errors);
        return limits;
    }

    private static RateLimits ReadFigures(SettingReader reader) => new()
    {
        TokensPerMinute = reader.Whole("TokensPerMinute", 1, Trillion),
        InputTokensPerMinute = reader.Whole("InputTokensPerMinute", 1, Trillion),
        OutputTokensPerMinute = reader.Whole("OutputTokensPerMinute", 1, Trillion),
        RequestsPerMinute = reader.Whole("RequestsPerMinute", 1, Billion),
        MaxConcurrentRequests = reader.Count("MaxConcurrentRequests", 1, Billion),
    };

    private static ProviderProfile? ReadProfile(SettingReader reader)
    {
        if (reader.Text("Provider") is not { } name)
            return null;
        var profile = ProviderProfile.For(name);
        // A misspelt provider would be the generic one.
        if (profile == ProviderProfile.Generic && !name.Equals(profile.Name, StringComparison.OrdinalIgnoreCase))
            reader.Complain("Provider", name, "one of anthropic, openai, azure, generic");
        return profile;
    }
}

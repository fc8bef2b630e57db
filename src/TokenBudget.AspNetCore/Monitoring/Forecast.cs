namespace TokenBudget.AspNetCore.Monitoring;

/// <summary>What becomes of a budget if it goes on as in the last hour.</summary>
/// <param name="UsdPerHour">The pace.</param>
/// <param name="UsdAtPeriodEnd">What will be spent when the period ends; none for a budget without periods.</param>
/// <param name="LimitReachedAt">When the limit is reached, if that is before the period ends.</param>
internal sealed record Forecast(decimal UsdPerHour, decimal? UsdAtPeriodEnd, DateTimeOffset? LimitReachedAt);

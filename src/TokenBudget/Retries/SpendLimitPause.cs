namespace TokenBudget.Retries;

/// <summary>A provider takes no more requests because of money, so none are sent until somebody acts.</summary>
/// <param name="Provider">The provider's host, or its name where nothing was seen of its wire.</param>
/// <param name="Error">What it said.</param>
/// <param name="Until">When the next call asks it again.</param>
public sealed record SpendLimitPause(string Provider, ProviderError Error, DateTimeOffset Until);

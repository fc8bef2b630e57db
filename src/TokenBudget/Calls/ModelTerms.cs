using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Windowing;

namespace TokenBudget.Calls;

/// <summary>What holds for the requests of one method to one model: found once, at the first.</summary>
/// <param name="ModelId">The model as the first request named it.</param>
/// <param name="CountersVersion">Of which counters it was made.</param>
/// <param name="Model">The catalogue's entry; none when unknown prices are allowed.</param>
/// <param name="Window">Cuts what does not fit.</param>
/// <param name="Profile">How the model's provider counts.</param>
internal sealed record ModelTerms(string ModelId, int CountersVersion, ModelInfo? Model, ContextWindow Window, ProviderProfile Profile)
{
    /// <summary>Counts the requests, once what was learned before has been read.</summary>
    public ModelCounter? Counter { get; set; }
}

using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Windowing;

namespace TokenBudget.Calls;

/// <summary>What holds for the requests of one method to one model: found once, at the first.</summary>
/// <param name="Model">The catalogue's entry; none when unknown prices are allowed.</param>
/// <param name="Window">Cuts what does not fit.</param>
/// <param name="Profile">How the model's provider counts.</param>
internal sealed record ModelTerms(ModelInfo? Model, ContextWindow Window, ProviderProfile Profile);

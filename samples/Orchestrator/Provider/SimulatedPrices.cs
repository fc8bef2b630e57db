using TokenBudget.Models;
using TokenBudget.Testing;

namespace Orchestrator.Provider;

/// <summary>The simulator's price list: today's prices of the models this sample uses.</summary>
internal static class SimulatedPrices
{
    public static SimulatedModel Of(string modelId, DateTimeOffset at)
    {
        var model = ModelCatalogue.Default.Get(modelId);
        var rates = model.PricesAt(at).Rates;
        return new SimulatedModel
        {
            Id = modelId,
            Input = rates.Input,
            Output = rates.Output,
            CacheRead = rates.CacheRead,
            CacheWrite5Minutes = rates.CacheWrite5Minutes,
            CacheWrite1Hour = rates.CacheWrite1Hour,
            MinCacheableTokens = model.MinCacheableTokens,
            // Larger than any recorded conversation, so that the unbounded run ends with a bill and not with an error.
            MaxInputTokens = 1_000_000,
        };
    }
}

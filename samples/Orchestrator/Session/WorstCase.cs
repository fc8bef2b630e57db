using Orchestrator.Agents;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace Orchestrator.Session;

/// <summary>
/// The most the real service could charge for one run: every step takes all its rounds, every round sends the largest context it may, nothing is read from a cache, every
/// answer is as long as it may be.
/// </summary>
internal static class WorstCase
{
    /// <summary>What the model takes.</summary>
    public const int LargestContext = 200_000;

    /// <summary>What <see cref="IOrchestratorAgent"/> allows.</summary>
    public const int OurContext = 32_000;

    private const int TicketTokens = 6_000;

    /// <param name="script">The session.</param>
    /// <param name="contextTokens">The largest context of a round.</param>
    /// <returns>Dollars.</returns>
    public static decimal Of(SessionScript script, int contextTokens)
    {
        var rounds = script.Steps.Count(step => step is WorkStep or ReportStep) * Prompts.MaxRounds;
        var tickets = script.Steps.Sum(step => step is BurstStep burst ? burst.Tickets.Count : step is ClassifyStep ? 1 : 0);
        return (rounds * Worst(contextTokens)) + (tickets * Worst(TicketTokens));

        static decimal Worst(int inputTokens) =>
            CostCalculator.WorstCase(ModelCatalogue.Default.Get(Prompts.Model), inputTokens, Prompts.MaxOutputTokens, TimeProvider.System.GetUtcNow()).Dollars;
    }
}

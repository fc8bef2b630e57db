using System.Globalization;
using Microsoft.AspNetCore.Http;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Pauses budgets, and lets paused ones go on.</summary>
internal sealed class BudgetEndpoints(CostTracker costs)
{
    // Beyond this somebody has mistyped.
    private const decimal MostExtra = 1_000_000;

    public async Task PauseAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var problem = QueryNames.Unknown(query, "reason") ?? (query["reason"].Count > 1 ? "Give one reason, or none." : null);
        if (problem is not null)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
            return;
        }

        var name = NameOf(context);
        bool isKnown;
        try
        {
            isKnown = await costs.PauseAsync(name, query["reason"], context.RequestAborted).ConfigureAwait(false);
        }
        catch (ArgumentException)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"'reason' is one line of at most {BudgetPause.MaxReasonLength} characters, without control characters.").ConfigureAwait(false);
            return;
        }

        if (isKnown)
            await Answer.JsonAsync(context, new BudgetPaused(name), MetricsJson.Default.BudgetPaused).ConfigureAwait(false);
        else
            await NotFoundAsync(context).ConfigureAwait(false);
    }

    public async Task ResumeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (QueryNames.Unknown(query, "extraUsd") is { } unknown)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, unknown).ConfigureAwait(false);
            return;
        }

        var extra = 0m;
        if (query.TryGetValue("extraUsd", out var asked)
            && !(asked.Count == 1 && decimal.TryParse(asked[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out extra) && extra is >= 0 and <= MostExtra))
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, "'extraUsd' must be an amount in dollars from 0 to 1000000, for example 2.50.").ConfigureAwait(false);
            return;
        }

        var name = NameOf(context);
        if (await costs.ApproveAsync(name, Usd.FromDollars(extra), context.RequestAborted).ConfigureAwait(false))
            await Answer.JsonAsync(context, new BudgetResumed(name, extra), MetricsJson.Default.BudgetResumed).ConfigureAwait(false);
        else
            await NotFoundAsync(context).ConfigureAwait(false);
    }

    // A slash is the one letter the server leaves escaped in a path.
    private static string NameOf(HttpContext context) => ((string)context.Request.RouteValues["name"]!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static Task NotFoundAsync(HttpContext context) =>
        Answer.ProblemAsync(context, StatusCodes.Status404NotFound, "No agent of this process has a budget of that name, and none is in use in its current period; GET /api/metrics/costs lists those that are known here.");
}

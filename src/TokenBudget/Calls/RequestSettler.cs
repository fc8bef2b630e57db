using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;

namespace TokenBudget.Calls;

/// <summary>Step 9: what was really used replaces both reservations, goes to the ledger and teaches the counter.</summary>
internal sealed class RequestSettler(EffectivePolicy policy, CallServices services)
{
    public ValueTask CompleteAsync(PreparedRequest request, ChatResponse response) =>
        CompleteAsync(request, response.Usage, response.ModelId, response);

    public ValueTask CompleteAsync(PreparedRequest request, StreamObserver stream) =>
        CompleteAsync(request, stream.Usage, stream.ModelId, stream);

    /// <summary>Settles a request that gave no whole answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="exception">How it ended.</param>
    /// <param name="producedText">What had arrived of a stream; <see langword="null"/> for a request without one, of which nothing is known.</param>
    public ValueTask FailAsync(PreparedRequest request, Exception exception, string? producedText)
    {
        var started = services.Time.GetTimestamp();
        if (producedText is null or "" && WasRejected(exception))
        {
            // Refused at the door: the provider worked on nothing, but counts the request.
            request.Rate.Settle(default);
            return SettleCostAsync(request, default, LedgerOutcome.Failed, isEstimate: false, started);
        }

        var output = producedText is null
            ? exception is OperationCanceledException ? request.MaxOutputTokens : 0
            : request.Counter.Calibration.ToProvider(request.Counter.Messages.Count(producedText));
        var usage = new TokenUsage { FreshInput = request.EstimatedInput, Output = output };
        request.Rate.Settle(DemandOf(request, usage));
        var outcome = exception is OperationCanceledException ? LedgerOutcome.Cancelled : LedgerOutcome.Failed;
        return SettleCostAsync(request, usage, outcome, isEstimate: true, started);
    }

    private ValueTask CompleteAsync(PreparedRequest request, UsageDetails? reported, string? answeredBy, object answer)
    {
        var started = services.Time.GetTimestamp();
        var known = TokenUsage.From(reported);
        var usage = known ?? Estimate(request, answer);
        if (known is not null)
            request.Counter.Calibration.Observe(request.CountedInput, usage.TotalInput);
        request.Rate.Settle(DemandOf(request, usage));
        return SettleCostAsync(request, usage, LedgerOutcome.Completed, isEstimate: known is null, started, answeredBy);
    }

    private static TokenUsage Estimate(PreparedRequest request, object answer)
    {
        var counted = answer switch
        {
            ChatResponse response => response.Messages.Sum(request.Counter.Messages.Count),
            StreamObserver stream => request.Counter.Messages.Count(stream.Text),
            _ => 0,
        };
        return new TokenUsage { FreshInput = request.EstimatedInput, Output = request.Counter.Calibration.ToProvider(counted) };
    }

    private async ValueTask SettleCostAsync(PreparedRequest request, TokenUsage usage, LedgerOutcome outcome, bool isEstimate, long started, string? answeredBy = null)
    {
        // A user's own implementation names its model only with the answer.
        var model = request.Model ?? (answeredBy is not null && services.Models.TryGet(answeredBy, out var found) && found.Prices.Count > 0 ? found : null);
        var cost = model is null ? Usd.Zero : CostCalculator.CostOf(model, usage, request.Cost.At);
        try
        {
            await services.Costs.SettleAsync(request.Cost, new LedgerEntry
            {
                Id = request.Cost.Id,
                At = request.Cost.At,
                Agent = policy.Agent,
                Method = policy.Method,
                Model = model?.Id ?? request.ModelId,
                Budget = request.Cost.Budget,
                Tenant = request.Tenant,
                Outcome = outcome,
                Usage = usage,
                Cost = cost,
                IsEstimate = isEstimate,
            }).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The answer is paid for and goes to the caller; the line is kept, and the next reservation has to write it first.
            services.Telemetry.Failure("ledger");
        }

        var saved = request.Counter.Calibration.ToProvider(request.Reduction.Report.TokensBefore - request.Reduction.Report.TokensAfter);
        services.Telemetry.RequestSettled(
            policy.Agent, cost.Dollars, saved, request.Overhead + services.Time.GetElapsedTime(started), request.Rate.Waited);
    }

    /// <summary>What the provider counts towards its limit: Anthropic leaves cache reads out, others count all input.</summary>
    private static TokenDemand DemandOf(PreparedRequest request, TokenUsage usage) => new(
        request.Model?.Provider == "anthropic" ? usage.TotalInput - usage.CacheRead : usage.TotalInput,
        usage.TotalOutput);

    private static bool WasRejected(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is HttpRequestException { StatusCode: not null })
                return true;
        return false;
    }
}

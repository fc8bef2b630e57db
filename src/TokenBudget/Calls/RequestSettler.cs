using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Retries;
using TokenBudget.Telemetry;

namespace TokenBudget.Calls;

/// <summary>Step 9: what was really used replaces both reservations, goes to the ledger and teaches the counter.</summary>
internal sealed class RequestSettler(EffectivePolicy policy, CallServices services)
{
    // Made with the first request: a method nobody calls is not listed.
    private ActivityMeter? _activity;

    public ValueTask CompleteAsync(PreparedRequest request, ChatResponse response) =>
        CompleteAsync(request, response.Usage, response.ModelId, response);

    public ValueTask CompleteAsync(PreparedRequest request, StreamObserver stream) =>
        CompleteAsync(request, stream.Usage, stream.ModelId, stream);

    /// <summary>The first of a stream has come. Providers that report the input there free at once what was held for more.</summary>
    public void Begin(PreparedRequest request, StreamObserver stream)
    {
        if (stream.Usage is { InputTokenCount: > 0 } told)
            request.Rate.SettleInput(DemandOf(request, Complete(request, told, countedOutput: 0)).InputTokens);
    }

    /// <summary>Settles a request that gave no whole answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="exception">How it ended.</param>
    /// <param name="error">What the provider said; <see langword="null"/> when the caller left.</param>
    /// <param name="produced">What had arrived of a stream; <see langword="null"/> for a request without one, of which nothing is known.</param>
    public ValueTask FailAsync(PreparedRequest request, Exception exception, ProviderError? error, StreamObserver? produced)
    {
        var started = MeasureFrom(request);
        if (request.Enclosing?.End() is { } inside)
        {
            request.Rate.Settle(inside);
            return ValueTask.CompletedTask;
        }

        if (error?.Kind is ProviderErrorKind.Overloaded)
            services.Overloads.Note(request.Fitted.ModelId);
        if (produced is null or { Text: "", Usage: null } && error is { WasRejected: true } or { WasReached: false })
        {
            // Refused at the door: the provider worked on nothing, but counts the request. What never got there, it does not even count.
            if (error.WasReached)
                request.Rate.Settle(default);
            else
                request.Rate.Dispose();
            return SettleCostAsync(request, default, LedgerOutcome.Failed, isEstimate: false, started);
        }

        var output = produced is null
            ? exception is OperationCanceledException || error is { Status: not null } or { Kind: ProviderErrorKind.Connection } ? LostOutput(request) : 0
            : request.Fitted.Calibration.ToProvider(request.Fitted.Counter.Count(produced.Text));
        var usage = Complete(request, produced?.Usage, output);
        // Providers report the input when a stream begins and the output at its end: of what was broken off in between, our count is nearer.
        if (usage.TotalOutput < output)
            usage = usage with { Output = output - usage.Reasoning - usage.AudioOutput };
        Settle(request, DemandOf(request, usage));
        var outcome = exception is OperationCanceledException ? LedgerOutcome.Cancelled : LedgerOutcome.Failed;
        return SettleCostAsync(request, usage, outcome, isEstimate: true, started, produced?.ModelId);
    }

    private ValueTask CompleteAsync(PreparedRequest request, UsageDetails? reported, string? answeredBy, object answer)
    {
        var started = MeasureFrom(request);
        if (request.Enclosing?.End() is { } inside)
        {
            request.Rate.Settle(inside);
            return default;
        }

        var isWhole = reported is { InputTokenCount: not null, OutputTokenCount: not null };
        var usage = Complete(request, reported, isWhole ? 0 : CountOutput(request, answer));
        var used = DemandOf(request, usage);
        if (isWhole)
            policy.Estimator?.Observe(request.Demand, used);
        Settle(request, used);
        var settling = SettleCostAsync(request, usage, LedgerOutcome.Completed, isEstimate: !isWhole, started, answeredBy);
        var learning = reported?.InputTokenCount is null
            ? default
            : services.Counters.ObserveAsync(request.Fitted.ModelId, policy.Agent, request.Fitted.CountedInput, usage.TotalInput, request.Fitted.Calibration);
        // What is learned is seldom worth saving.
        return learning.IsCompletedSuccessfully ? settling : BothAsync(settling, learning);
    }

    private static async ValueTask BothAsync(ValueTask settling, ValueTask learning)
    {
        await settling.ConfigureAwait(false);
        await learning.ConfigureAwait(false);
    }

    /// <summary>
    /// Of an answer that is lost on the way nobody knows how much was produced, if any: as much as nearly all answers of the method are long, and as long as too
    /// few are known, all that was reserved.
    /// </summary>
    private long LostOutput(PreparedRequest request) => policy.Estimator is { } estimator
        ? Math.Min(request.Fitted.MaxOutputTokens, estimator.Expect(new TokenDemand(0, request.Fitted.MaxOutputTokens)).OutputTokens)
        : request.Fitted.MaxOutputTokens;

    /// <summary>What was reported; what was not reported is not zero, but our own count.</summary>
    private static TokenUsage Complete(PreparedRequest request, UsageDetails? reported, long countedOutput)
    {
        var usage = TokenUsage.From(reported) ?? default;
        if (reported?.InputTokenCount is null)
            usage = usage with { FreshInput = request.Fitted.EstimatedInput };
        if (reported?.OutputTokenCount is null)
            usage = usage with { Output = countedOutput };
        return usage;
    }

    private static long CountOutput(PreparedRequest request, object answer) => request.Fitted.Calibration.ToProvider(answer switch
    {
        ChatResponse response => response.Messages.Sum(request.Fitted.Counter.Count),
        StreamObserver stream => request.Fitted.Counter.Count(stream.Text),
        _ => 0,
    });

    private long MeasureFrom(PreparedRequest request) => request.Overhead.Requests > 0 ? services.Time.GetTimestamp() : 0;

    private ValueTask SettleCostAsync(PreparedRequest request, TokenUsage usage, LedgerOutcome outcome, bool isEstimate, long started, string? answeredBy = null)
    {
        // A user's own implementation names its model only with the answer.
        var model = request.Fitted.Model ?? (answeredBy is not null && services.Models.TryGet(answeredBy, out var found) && found.Prices.Count > 0 ? found : null);
        var cost = CostOf(request, model, usage);
        request.Hold?.Settle(cost);
        var writing = WriteAsync(request, new LedgerEntry
        {
            Id = request.Cost.Id,
            At = request.Cost.At,
            Agent = policy.Agent,
            Method = policy.Method,
            Model = model?.Id ?? request.Fitted.ModelId,
            Budget = request.Cost.Budget,
            Tenant = request.Tenant,
            Outcome = outcome,
            Usage = usage,
            Cost = cost,
            IsEstimate = isEstimate,
        });
        var trimmed = request.Fitted.Calibration.ToProvider(request.Fitted.Sent.TokensBefore - request.Fitted.Sent.TokensAfter);
        request.Report?.Add(request, usage, cost, isEstimate, outcome, answeredBy, trimmed);
        if (!isEstimate)
            services.Telemetry.PromptCache(policy.Agent, ExpectedCacheRead(request), usage.TotalCacheRead);
        services.Telemetry.RequestSettled(policy.Agent, _activity ??= services.Telemetry.ActivityOf(policy.Agent, policy.Method), new SettledRequest
        {
            Cost = cost,
            SavedTokens = trimmed,
            SavedCost = ValueOf(model, trimmed, request.Cost.At),
            InputTokens = usage.TotalInput,
            CacheReadTokens = usage.TotalCacheRead,
            CacheWriteTokens = usage.CacheWrite5Minutes + usage.CacheWrite1Hour,
            OutputTokens = usage.TotalOutput,
            Outcome = outcome switch { LedgerOutcome.Completed => "completed", LedgerOutcome.Cancelled => "cancelled", _ => "failed" },
            IsEstimate = isEstimate,
            MaxInputTokens = policy.Settings.MaxContextTokens,
            Overhead = request.Overhead.Requests > 0 ? request.Overhead with { Time = request.Overhead.Time + services.Time.GetElapsedTime(started) } : default,
            Throttled = request.Rate.Waited,
        });
        return writing;
    }

    /// <summary>Settles the dollars. The answer is paid for and goes to the caller: a line that cannot be written is kept, and the next reservation has to write it first.</summary>
    private ValueTask WriteAsync(PreparedRequest request, LedgerEntry line)
    {
        try
        {
            var writing = services.Costs.SettleAsync(request.Cost, line, EnclosingCall.LinesAround(request.Within, line));
            return writing.IsCompletedSuccessfully ? writing : WrittenAsync(writing);
        }
        catch (Exception)
        {
            services.Telemetry.Failure("ledger");
            return default;
        }
    }

    private async ValueTask WrittenAsync(ValueTask writing)
    {
        try
        {
            await services.Telemetry.Spans.WaitAsync("ledger", writing).ConfigureAwait(false);
        }
        catch (Exception)
        {
            services.Telemetry.Failure("ledger");
        }
    }

    /// <summary>What tokens that were not sent would have cost at least: each read from the provider's prompt cache.</summary>
    private static Usd ValueOf(ModelInfo? model, long tokens, DateTimeOffset at)
    {
        if (model is null || tokens <= 0)
            return Usd.Zero;
        try
        {
            return CostCalculator.CostOf(model, new TokenUsage { CacheRead = tokens }, at);
        }
        catch (Exception exception) when (exception is OverflowException or UnknownPriceException)
        {
            return Usd.Zero;
        }
    }

    /// <summary>What the provider should have read from its prompt cache: what this request has in common with the one before, and tools and instructions in front of it.</summary>
    private static long ExpectedCacheRead(PreparedRequest request)
    {
        if (request.Fitted.Sent.SharedTokens == 0 || request.Fitted.Model is not { } model)
            return 0;
        var expected = request.Fitted.Calibration.ToProvider(request.Fitted.Sent.SharedTokens + request.Fitted.Counter.Count(request.Fitted.Options));
        return expected < model.MinCacheableTokens ? 0 : expected;
    }

    /// <summary>An answer that is paid for must be settled: what cannot be priced costs what was reserved for it.</summary>
    private static Usd CostOf(PreparedRequest request, ModelInfo? model, TokenUsage usage)
    {
        try
        {
            return model is null ? Usd.Zero : CostCalculator.CostOf(model, usage, request.Cost.At);
        }
        catch (Exception exception) when (exception is OverflowException or UnknownPriceException)
        {
            return request.Cost.Amount;
        }
    }

    private static void Settle(PreparedRequest request, TokenDemand used)
    {
        request.Rate.Settle(used);
        request.Within?.Add(used);
    }

    /// <summary>What the provider counts towards its limit: Anthropic leaves cache reads out, others count all input.</summary>
    private static TokenDemand DemandOf(PreparedRequest request, TokenUsage usage) =>
        new(request.Fitted.Terms.Profile.CountsCachedInput ? usage.TotalInput : usage.TotalInput - usage.TotalCacheRead, usage.TotalOutput);
}

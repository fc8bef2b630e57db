using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Windowing;

namespace TokenBudget.Calls;

/// <summary>Steps 4 to 7: cut, price, reserve dollars, wait for the rate limit.</summary>
internal sealed class RequestPreparer(EffectivePolicy policy, CallServices services, string? defaultModel)
{
    // Our count of a model without a public tokenizer is an estimate; what is reserved must not be too little.
    private const double ReserveMargin = 1.1;

    private readonly ConcurrentDictionary<string, ContextWindow> _windows = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="messages">The messages.</param>
    /// <param name="options">The caller's options.</param>
    /// <param name="tenant">For whom.</param>
    /// <param name="maxWait">The longest to wait for the rate limit; none, without end.</param>
    /// <param name="cancellationToken">Gives up; nothing is held.</param>
    public async ValueTask<PreparedRequest> PrepareAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant, TimeSpan? maxWait, CancellationToken cancellationToken)
    {
        var started = services.Time.GetTimestamp();
        var prepared = options?.Clone() ?? new ChatOptions();
        var modelId = prepared.ModelId ?? policy.Settings.Model ?? defaultModel ?? throw NoModel();
        prepared.ModelId = modelId;
        var model = FindModel(modelId);
        var maxOutput = policy.MaxOutputTokens(prepared.MaxOutputTokens, model);
        prepared.MaxOutputTokens = maxOutput;
        var counter = await services.Counters.ForAsync(modelId, policy.Agent, cancellationToken).ConfigureAwait(false);

        var outputReserve = counter.Calibration.ToCounted(maxOutput);
        var reduction = WindowOf(modelId, model).Reduce(
            messages as IReadOnlyList<ChatMessage> ?? [.. messages],
            counter.Messages.Count(prepared) + outputReserve,
            counter.Calibration);
        // A user's own implementation may need no message of ours.
        if (reduction.Messages.Count == 0 && defaultModel != UnboundClient.ModelId)
            throw new ArgumentException("There is no message to send.", nameof(messages));
        var counted = reduction.Report.TokensAfter - outputReserve;
        var estimatedInput = counter.Calibration.ToProviderRequest(counted);
        var worstInput = (long)(estimatedInput * ReserveMargin);
        var worstCase = model is null ? Usd.Zero : CostCalculator.WorstCase(model, worstInput, maxOutput, services.Time.GetUtcNow());

        var cost = await ReserveCostAsync(worstCase, cancellationToken).ConfigureAwait(false);
        var overhead = services.Time.GetElapsedTime(started);
        try
        {
            // The margin must not make a request that fits the limit one that never fits; what is over it without the margin is.
            var room = policy.Limiter.MostInput(maxOutput);
            var demand = new TokenDemand(worstInput <= room ? worstInput : Math.Max(estimatedInput, room), maxOutput);
            return new PreparedRequest
            {
                ModelId = modelId,
                Model = model,
                Counter = counter,
                Options = prepared,
                Reduction = reduction,
                CountedInput = counted,
                Tenant = tenant,
                MaxOutputTokens = maxOutput,
                Cost = cost,
                Rate = await policy.Limiter.ReserveAsync(demand, new AdmissionTerms { Tenant = tenant, MaxWait = maxWait }, cancellationToken).ConfigureAwait(false),
                Overhead = overhead,
            };
        }
        catch (Exception exception)
        {
            if (exception is RateLimitExceededException)
                services.Telemetry.Refused(policy.Agent, "rate");
            cost.Dispose();
            throw;
        }
    }

    /// <summary>What would become of a prompt, without reserving or sending anything.</summary>
    public async ValueTask<PromptForecast> ForecastAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var modelId = options?.ModelId ?? policy.Settings.Model ?? defaultModel ?? throw NoModel();
        var model = FindModel(modelId);
        var counter = await services.Counters.ForAsync(modelId, policy.Agent, cancellationToken).ConfigureAwait(false);
        var outputReserve = counter.Calibration.ToCounted(policy.MaxOutputTokens(options?.MaxOutputTokens, model));
        var cuts = policy.Settings.Window != WindowPolicy.None;
        var terms = model is null ? null : PromptCacheTerms.Of(model, services.Time.GetUtcNow());
        try
        {
            var report = WindowOf(modelId, model).Reduce(messages, counter.Messages.Count(options) + outputReserve, counter.Calibration).Report;
            return new PromptForecast(report.TailStart, Overflows: false, cuts, terms);
        }
        catch (ContextOverflowException)
        {
            return new PromptForecast(0, Overflows: true, cuts, terms);
        }
    }

    private async ValueTask<CostReservation> ReserveCostAsync(Usd worstCase, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Costs.ReserveAsync(policy.Budget, worstCase, cancellationToken).ConfigureAwait(false);
        }
        catch (BudgetExceededException)
        {
            services.Telemetry.Refused(policy.Agent, "budget");
            throw;
        }
    }

    private ContextWindow WindowOf(string modelId, ModelInfo? model)
    {
        if (_windows.TryGetValue(modelId, out var known))
            return known;
        var limit = Math.Min(policy.Settings.MaxContextTokens ?? int.MaxValue, model?.MaxInputTokens ?? int.MaxValue);
        return _windows.GetOrAdd(modelId, new ContextWindow(
            new ContextWindowOptions
            {
                MaxTokens = limit,
                TrimToTokens = Math.Min(policy.Settings.TrimToTokens ?? 0, limit),
                MaxMessages = policy.Settings.MaxMessages ?? 0,
                Policy = policy.Settings.Window ?? WindowPolicy.Economic,
                PromptCache = model is null ? null : PromptCacheTerms.Of(model, services.Time.GetUtcNow()),
            },
            services.Counters.For(modelId).Messages));
    }

    private ModelInfo? FindModel(string modelId)
    {
        if (services.Models.TryGet(modelId, out var model) && model.Prices.Count > 0)
            return model;
        // A limit in dollars cannot be held without a price, whatever else is allowed.
        var allowed = services.AllowUnknownPrices || modelId == UnboundClient.ModelId;
        return allowed && policy.Budget.Limit is null ? null : throw new UnknownPriceException(modelId);
    }

    private InvalidOperationException NoModel() => new(string.Create(
        CultureInfo.InvariantCulture,
        $"Agent '{policy.Agent}' does not know which model it calls: set Model on [ChatAgent], TokenBudget:Agents:{policy.Agent}:Model, ChatOptions.ModelId, or give the chat client a default model."));
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Routing;
using TokenBudget.Telemetry;
using TokenBudget.Windowing;

namespace TokenBudget.Calls;

/// <summary>Steps 4 to 7: fit the window, pick the model, reserve dollars, wait for the rate limit.</summary>
internal sealed class RequestPreparer(EffectivePolicy policy, CallServices services, string? defaultModel)
{
    // Our count of a model without a public tokenizer is an estimate; what is reserved must not be too little.
    private const double ReserveMargin = 1.1;

    private readonly ConcurrentDictionary<string, ModelTerms> _models = new(StringComparer.OrdinalIgnoreCase);
    private readonly ModelRouter _router = new(policy.Settings, services.Overloads.IsOverloaded);
    private ModelTerms? _newest;

    // Two callers may count as one: it only says which requests are measured.
    private long _requests;

    /// <summary>A user's own implementation gets messages and picks its model itself.</summary>
    private bool IsUnbound => defaultModel == UnboundClient.ModelId;

    /// <param name="request">What the caller asks for.</param>
    /// <param name="maxWait">The longest to wait for the rate limit; none, without end.</param>
    /// <param name="cancellationToken">Gives up; nothing is held.</param>
    public async ValueTask<PreparedRequest> PrepareAsync(ChatRequest request, TimeSpan? maxWait, CancellationToken cancellationToken)
    {
        var measured = services.Telemetry.MeasuredRequests(_requests++);
        var started = measured > 0 ? services.Time.GetTimestamp() : 0;
        var own = ModelIdOf(request.Options);
        // Whoever names another model than the agent's own wants that one.
        var mayRoute = _router.HasRoutes && !IsUnbound && own == ModelIdOf(options: null);
        var fitted = await FitAsync(request, own, cancellationToken).ConfigureAwait(false);
        if (mayRoute)
            fitted = await RouteAsync(request, fitted, cancellationToken).ConfigureAwait(false);
        var overhead = new MeasuredTime(measured, measured > 0 ? services.Time.GetElapsedTime(started) : default);
        request.Within?.GiveWay(policy.Limiter);
        (fitted, var hold, var cost) = await ReserveCostAsync(request, fitted, mayRoute, cancellationToken).ConfigureAwait(false);
        try
        {
            var demand = DemandOf(fitted);
            var reserving = policy.Limiter.ReserveAsync(demand, policy.TermsFor(request.Tenant, maxWait), cancellationToken);
            var rate = await services.Telemetry.Spans.WaitAsync("rate_limit", reserving).ConfigureAwait(false);
            return new PreparedRequest(fitted, request.Tenant, request.Within, request.Report, hold, cost, demand, rate, overhead);
        }
        catch (Exception exception)
        {
            if (exception is RateLimitExceededException)
                services.Telemetry.Refused(policy.Agent, "rate");
            cost.Dispose();
            hold?.Dispose();
            throw;
        }
    }

    /// <summary>What would become of a prompt, without reserving or sending anything.</summary>
    public async ValueTask<PromptForecast> ForecastAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var modelId = ModelIdOf(options);
        var (_, _, model, window, _) = TermsOf(modelId);
        var counter = (await services.Counters.ForAsync(modelId, policy.Agent, cancellationToken).ConfigureAwait(false)).For(messages);
        var outputReserve = counter.Calibration.ToCounted(policy.MaxOutputTokens(options?.MaxOutputTokens, model));
        var cuts = policy.Settings.Window != WindowPolicy.None;
        var terms = model is null ? null : PromptCacheTerms.Of(model, services.Time.GetUtcNow());
        try
        {
            var report = window.Reduce(messages, counter.Messages.Count(options) + outputReserve, counter.Calibration).Report;
            return new PromptForecast(report.TailStart, Overflows: false, cuts, terms);
        }
        catch (ContextOverflowException)
        {
            return new PromptForecast(0, Overflows: true, cuts, terms);
        }
    }

    /// <summary>Step 4, for one model.</summary>
    private ValueTask<FittedRequest> FitAsync(ChatRequest request, string modelId, CancellationToken cancellationToken)
    {
        var terms = TermsOf(modelId);
        return terms.Counter is { } counter ? new(Fit(request, modelId, terms, counter)) : FitFirstAsync(request, modelId, terms, cancellationToken);
    }

    /// <summary>What was learned of a model is read once.</summary>
    private async ValueTask<FittedRequest> FitFirstAsync(ChatRequest request, string modelId, ModelTerms terms, CancellationToken cancellationToken)
    {
        terms.Counter = await services.Counters.ForAsync(modelId, policy.Agent, cancellationToken).ConfigureAwait(false);
        return Fit(request, modelId, terms, terms.Counter);
    }

    private FittedRequest Fit(in ChatRequest request, string modelId, ModelTerms terms, ModelCounter counter)
    {
        var model = terms.Model;
        var options = request.Options?.Clone() ?? new ChatOptions();
        options.ModelId = modelId;
        var maxOutput = policy.MaxOutputTokens(options.MaxOutputTokens, model);
        options.MaxOutputTokens = maxOutput;
        var calibration = counter.Calibration.For(request.Messages);

        var outputReserve = calibration.ToCounted(maxOutput);
        var sent = terms.Window.Send(request.Messages, counter.Messages.Count(options) + outputReserve, calibration);
        // A user's own implementation may need no message of ours.
        if (sent.Messages.Count == 0 && !IsUnbound)
            throw new ArgumentException("There is no message to send.", nameof(request));
        var counted = sent.TokensAfter - outputReserve;
        var estimatedInput = calibration.ToProviderRequest(counted);
        var worstInput = (long)(estimatedInput * ReserveMargin);
        var worstCase = model is null ? Usd.Zero : WorstCase(model, worstInput, maxOutput, sent.Messages);
        return new FittedRequest(modelId, terms, counter.Messages, calibration, options, sent, counted, estimatedInput, worstInput, maxOutput, worstCase);
    }

    private Usd WorstCase(ModelInfo model, long input, int output, IReadOnlyList<ChatMessage> messages)
    {
        var now = model.HasOnePrice ? default : services.Time.GetUtcNow();
        var mayHaveAudio = model.PricesAt(now).RatesFor(input).AudioInput is not null && AudioContent.MayBeIn(messages);
        return CostCalculator.WorstCase(model, input, output, now, mayHaveAudio);
    }

    /// <summary>Step 5: the request fitted to the model it is to go to.</summary>
    private async ValueTask<FittedRequest> RouteAsync(ChatRequest request, FittedRequest fitted, CancellationToken cancellationToken)
    {
        var pressure = _router.AsksForPressure ? await services.Costs.PressureAsync(BudgetsOf(request, fitted), cancellationToken).ConfigureAwait(false) : 0;
        var (modelId, reason) = _router.Choose(fitted.ModelId, new RouteFacts(fitted.EstimatedInput, request.Options?.Tools is { Count: > 0 }, pressure));
        if (reason == RouteReason.None)
            return fitted;
        services.Telemetry.Routed(policy.Agent, modelId, reason.ToString());
        return await FitAsync(request, modelId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Step 6: holds the worst case; where that does not fit, and the policy says so, the cheaper model's.</summary>
    private ValueTask<(FittedRequest Fitted, CallHold? Hold, CostReservation Cost)> ReserveCostAsync(
        ChatRequest request, FittedRequest fitted, bool mayRoute, CancellationToken cancellationToken)
    {
        CallHold? hold = null;
        try
        {
            hold = CallHold.Take(request.Ceiling, request.Within?.Hold, fitted.WorstCase);
            var reserving = services.Costs.ReserveAsync(BudgetsOf(request, fitted), fitted.WorstCase, SubjectOf(request, fitted), cancellationToken);
            return reserving.IsCompletedSuccessfully ? new((fitted, hold, reserving.Result)) : WaitForCostAsync(request, fitted, hold, reserving, mayRoute, cancellationToken);
        }
        catch (Exception exception)
        {
            return ReserveCheaperAsync(request, fitted, hold, exception, mayRoute, cancellationToken);
        }
    }

    private async ValueTask<(FittedRequest Fitted, CallHold? Hold, CostReservation Cost)> WaitForCostAsync(
        ChatRequest request, FittedRequest fitted, CallHold? hold, ValueTask<CostReservation> reserving, bool mayRoute, CancellationToken cancellationToken)
    {
        try
        {
            return (fitted, hold, await services.Telemetry.Spans.WaitAsync("budget", reserving).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            return await ReserveCheaperAsync(request, fitted, hold, exception, mayRoute, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>There is no room.</summary>
    private async ValueTask<(FittedRequest Fitted, CallHold? Hold, CostReservation Cost)> ReserveCheaperAsync(
        ChatRequest request, FittedRequest fitted, CallHold? hold, Exception exception, bool mayRoute, CancellationToken cancellationToken)
    {
        hold?.Dispose();
        if (!(mayRoute && AsksForCheaper(exception) && policy.Settings.WhenBudgetIsLow is { } cheaper && cheaper != fitted.ModelId))
        {
            Note(exception, request);
            ExceptionDispatchInfo.Throw(exception);
            throw exception;
        }

        services.Telemetry.Routed(policy.Agent, cheaper, nameof(RouteReason.LowBudget));
        fitted = await FitAsync(request, cheaper, cancellationToken).ConfigureAwait(false);
        return await ReserveCostAsync(request, fitted, mayRoute: false, cancellationToken).ConfigureAwait(false);
    }

    private bool AsksForCheaper(Exception exception) => exception switch
    {
        BudgetExceededException exceeded => exceeded.AtLimit,
        CallCostExceededException => policy.Settings.AtLimit,
        _ => null,
    } is AtLimit.CheaperModel;

    /// <summary>A request is not sent.</summary>
    private void Note(Exception exception, ChatRequest request)
    {
        var reason = exception switch
        {
            BudgetExceededException => "budget",
            CallCostExceededException => "call",
            LedgerUnavailableException => "ledger",
            BudgetPausedException => "paused",
            _ => null,
        };
        if (reason is not null)
            services.Telemetry.Refused(policy.Agent, reason);
        if (exception is BudgetPausedException paused)
            paused.Messages = [.. request.Messages];
    }

    private LineSubject SubjectOf(ChatRequest request, FittedRequest fitted) =>
        new(policy.Agent, policy.Method, fitted.Model?.Id ?? fitted.ModelId, request.Tenant);

    /// <summary>What step 7 asks for.</summary>
    private TokenDemand DemandOf(FittedRequest fitted)
    {
        // The margin must not make a request that fits the limit one that never fits; what is over it without the margin is.
        var room = policy.Limiter.MostInput(fitted.MaxOutputTokens);
        return new TokenDemand(fitted.WorstInput <= room ? fitted.WorstInput : Math.Max(fitted.EstimatedInput, room), fitted.MaxOutputTokens);
    }

    private IReadOnlyList<CostBudget> BudgetsOf(ChatRequest request, FittedRequest fitted) =>
        EnclosingCall.BudgetsOf(policy, fitted.Model?.Id ?? fitted.ModelId, request.Tenant, request.Within);

    /// <summary>The model a request asks for; none, where nobody names it or only the answer will.</summary>
    public string? FindModelId(ChatOptions? options) => (options?.ModelId ?? policy.Settings.Model ?? defaultModel) is { } id && id != UnboundClient.ModelId ? id : null;

    private string ModelIdOf(ChatOptions? options) => options?.ModelId ?? policy.Settings.Model ?? defaultModel ?? throw NoModel();

    private ModelTerms TermsOf(string modelId)
    {
        var version = services.Counters.Version;
        // Nearly always it is the one of the request before, by the very same string.
        if (_newest is { } newest && ReferenceEquals(newest.ModelId, modelId) && newest.CountersVersion == version)
            return newest;
        if (!_models.TryGetValue(modelId, out var known) || known.CountersVersion != version)
            _models[modelId] = known = FindTerms(modelId, version);
        return _newest = known;
    }

    private ModelTerms FindTerms(string modelId, int version)
    {
        var model = FindModel(modelId);
        var limit = Math.Min(policy.Settings.MaxContextTokens ?? int.MaxValue, model?.MaxInputTokens ?? int.MaxValue);
        var window = new ContextWindow(
            new ContextWindowOptions
            {
                MaxTokens = limit,
                TrimToTokens = Math.Min(policy.Settings.TrimToTokens ?? 0, limit),
                MaxMessages = policy.Settings.MaxMessages ?? 0,
                MaxAge = policy.Settings.MaxAge ?? TimeSpan.Zero,
                ClearToolResults = policy.Settings.KeepToolResults is { } kept
                    ? new ToolResultClearing { KeepNewest = kept, ExcludedTools = policy.Settings.KeepResultsOf?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [] }
                    : null,
                Policy = policy.Settings.Window ?? WindowPolicy.Economic,
                PromptCache = model is null ? null : PromptCacheTerms.Of(model, services.Time.GetUtcNow()),
            },
            services.Counters.For(modelId).Messages);
        return new ModelTerms(modelId, version, model, window, policy.Limiter.Limits.Profile ?? ProviderProfile.For(model?.Provider));
    }

    private ModelInfo? FindModel(string modelId)
    {
        if (services.Models.TryGet(modelId, out var model) && model.Prices.Count > 0)
            return model;
        // A limit in dollars cannot be held without a price, whatever else is allowed.
        var allowed = services.AllowUnknownPrices || modelId == UnboundClient.ModelId;
        return allowed && !policy.Budgets.HasLimit ? null : throw new UnknownPriceException(modelId);
    }

    private InvalidOperationException NoModel() => new(string.Create(
        CultureInfo.InvariantCulture,
        $"Agent '{policy.Agent}' does not know which model it calls: set Model on [ChatAgent], TokenBudget:Agents:{policy.Agent}:Model, ChatOptions.ModelId, or give the chat client a default model."));
}

using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Calls;

/// <summary>
/// Embeddings within one method's dollars: reserved before they are asked for, with a line of the ledger written ahead where it takes one, which the settlement replaces. Whatever goes wrong, there is no vector, and no exception: the call
/// goes on without. Thread-safe.
/// </summary>
internal sealed class BudgetedEmbeddings
{
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly EffectivePolicy _policy;
    private readonly CallServices _services;
    private readonly SimilarAnswers _shared;
    private readonly string _modelId;
    private readonly ModelInfo? _model;

    /// <exception cref="TokenBudgetConfigurationException">What an embedding costs is not known, and must be.</exception>
    public BudgetedEmbeddings(IEmbeddingGenerator<string, Embedding<float>> generator, EffectivePolicy policy, CallServices services, SimilarAnswers shared)
    {
        (_generator, _policy, _services, _shared) = (generator, policy, services, shared);
        _modelId = generator.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelId ?? string.Empty;
        if (services.Models.TryGet(_modelId, out var model) && model.Prices.Count > 0)
            _model = model;
        else if (policy.Budgets.HasLimit || !services.AllowUnknownPrices)
            throw new TokenBudgetConfigurationException(
                [$"{policy.Agent}.{policy.Method} compares questions by meaning, and nobody knows what an embedding by '{_modelId}' costs. Add the model to the catalogue (TokenBudgetOptions.Models), or, where there is no limit in dollars, set AllowUnknownPrices."]);
    }

    /// <summary>The embedding of a text, made of length 1; none when it cannot be had.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tenant">For whom.</param>
    /// <returns>The embedding, and what it cost.</returns>
    public async Task<(float[]? Vector, Usd Cost)> TryEmbedAsync(string text, string? tenant)
    {
        if (!_shared.Breaker.TryEnter())
            return default;
        try
        {
            var within = EnclosingCall.Around(_services.Costs);
            within?.GiveWay(_policy.Limiter);
            var tokens = _services.Counters.For(_modelId).Messages.Count(text);
            using var held = await ReserveAsync(within, tokens, tenant).ConfigureAwait(false);
            if (held is not null)
                return await EmbedAsync(text, held, new TokenUsage { FreshInput = tokens }, within, tenant).ConfigureAwait(false);
            _shared.Breaker.Leave();
        }
        // A ledger that cannot be read, and whatever a tokenizer or a clock of the user's may throw.
        catch (Exception)
        {
            _shared.Breaker.Leave();
        }

        _shared.CountFailure();
        return default;
    }

    /// <summary>Room for the worst case; none, instead of waiting or of pausing a budget, where there is none: a comparison is not worth that.</summary>
    private async ValueTask<CostReservation?> ReserveAsync(EnclosingCall? within, int tokens, string? tenant)
    {
        var budgets = EnclosingCall.BudgetsOf(_policy, _model?.Id ?? _modelId, tenant, within);
        // No tokenizer of an embedding model makes twice as many tokens of a text as ours.
        var worst = _model is null ? Usd.Zero : CostCalculator.WorstCase(_model, (2L * tokens) + 8, 0, _services.Time.GetUtcNow());
        try
        {
            return await _services.Costs.ReserveAsync(
                [.. budgets.Select(static budget => budget with { AtLimit = AtLimit.Refuse })], worst, new LineSubject(_policy.Agent, _policy.Method, _model?.Id ?? _modelId, tenant), CancellationToken.None).ConfigureAwait(false);
        }
        catch (TokenBudgetException)
        {
            return null;
        }
    }

    private async Task<(float[]? Vector, Usd Cost)> EmbedAsync(string text, CostReservation held, TokenUsage counted, EnclosingCall? within, string? tenant)
    {
        _shared.CountEmbedding();
        using var stop = new CancellationTokenSource();
        var token = stop.Token;
        // On another thread: a generator that blocks, instead of waiting, would hold up its caller beyond the timeout.
        var running = Task.Run(() => _generator.GenerateAsync([text], cancellationToken: token), token);
        try
        {
            var result = await running.WaitAsync(_shared.Timeout, _services.Time).ConfigureAwait(false);
            var vector = result is [{ } embedding] ? Normalized(embedding.Vector.Span) : null;
            if (vector is null)
                Fail();
            else
                _shared.Breaker.Succeed();
            var usage = TokenUsage.From(result?.Usage) is { TotalInput: > 0 } reported ? reported : counted;
            return (vector, await SettleAsync(held, usage, LedgerOutcome.Completed, result?.Usage?.InputTokenCount is null, within, tenant).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            Fail();
            await stop.CancelAsync().ConfigureAwait(false);
            // Nobody awaits it after the timeout.
            _ = running.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            // What was turned away costs nothing; what was left alone, or failed otherwise, may have been worked on.
            var wasRefused = StatusOf(exception) is { } status && (int)status >= 400;
            var outcome = exception is TimeoutException ? LedgerOutcome.Cancelled : LedgerOutcome.Failed;
            return (null, await SettleAsync(held, wasRefused ? default : counted, outcome, !wasRefused, within, tenant).ConfigureAwait(false));
        }
    }

    private async Task<Usd> SettleAsync(CostReservation held, TokenUsage usage, LedgerOutcome outcome, bool isEstimate, EnclosingCall? within, string? tenant)
    {
        var cost = Usd.Zero;
        try
        {
            cost = _model is null ? Usd.Zero : CostCalculator.CostOf(_model, usage, held.At);
            var line = new LedgerEntry
            {
                Id = held.Id,
                At = held.At,
                Agent = _policy.Agent,
                Method = _policy.Method,
                Model = _model?.Id ?? _modelId,
                Budget = held.Budget,
                Tenant = tenant,
                Outcome = outcome,
                Usage = usage,
                Cost = cost,
                IsEstimate = isEstimate,
            };
            await _services.Costs.SettleAsync(held, line, EnclosingCall.LinesAround(within, line)).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The line is kept, and the next reservation has to write it first.
            _services.Telemetry.Failure("ledger");
        }

        return cost;
    }

    private System.Net.HttpStatusCode? StatusOf(Exception exception) =>
        exception is HttpRequestException { StatusCode: { } status } ? status : _services.StatusOf?.Invoke(exception);

    private void Fail()
    {
        _shared.Breaker.Fail();
        _shared.CountFailure();
    }

    /// <summary>Of length 1, so that a product is a cosine; none of what has no direction.</summary>
    private static float[]? Normalized(ReadOnlySpan<float> vector)
    {
        if (vector.IsEmpty || TensorPrimitives.Norm(vector) is not (> 0 and < float.PositiveInfinity and var length))
            return null;
        var unit = new float[vector.Length];
        TensorPrimitives.Divide(vector, length, unit);
        return unit;
    }
}

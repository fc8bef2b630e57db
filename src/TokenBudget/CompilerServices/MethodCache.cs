using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.CompilerServices;

/// <summary>Step 2 for one method: whether a call may be answered from the cache, its key, and what is booked for a hit. Thread-safe.</summary>
internal sealed class MethodCache(IResponseCache answers, KeyDigests digests, EffectivePolicy policy, CallServices services, ChatClientMetadata? provider, MethodSimilarity? similarity = null)
{
    /// <summary>The additional property that tells where an answer came from.</summary>
    private const string SourceProperty = CompleteAnswer.Property;

    /// <summary>The additional property that tells how similar the question was that an answer was given to.</summary>
    private const string SimilarityProperty = "tokenbudget.cache.similarity";

    private readonly CacheEntryInfo _unscoped = new()
    {
        Agent = policy.Agent,
        Method = policy.Method,
        Ttl = policy.Settings.CacheTtl,
        StaleOnError = policy.Settings.CacheStale,
        StoreToolCalls = policy.Settings.CacheToolCalls is true,
    };

    private readonly byte[] _terms = TermsOf(policy.Settings, provider);

    public IResponseCache Answers => answers;

    public CacheEntryInfo EntryOf(AgentRequest request) =>
        request.Tenant is null || policy.Settings.CacheScope is CacheScope.Global ? _unscoped : _unscoped with { Scope = request.Tenant };

    /// <summary>The key of a call; none for one whose answer may not be shared, or that has something no key can hold.</summary>
    public bool TryGetKey(AgentRequest request, List<ChatMessage> messages, ChatOptions options, out CacheKey key)
    {
        key = default;
        if (!MayShare(request) || (options.Temperature > 0 && policy.Settings.CacheAnyTemperature is not true))
            return false;
        using var builder = new CacheKeyBuilder(digests);
        builder.Add(EntryOf(request));
        builder.AddBytes("terms", _terms);
        if (!builder.TryAddOptions(options))
            return false;
        builder.AddMessages(messages);
        foreach (var (name, value, declared, json) in request.KeyParts ?? [])
            builder.AddValue(name, value, declared, json ?? UsualJson.Options);
        return builder.TryBuild(out key);
    }

    /// <summary>An answer to the question in other words; nothing, and no work, for a method that compares none.</summary>
    public ValueTask<SimilaritySearch> FindSimilarAsync(
        AgentRequest request, List<ChatMessage> messages, ChatOptions options, CacheKey key, CacheEntryInfo entry, CancellationToken cancellationToken) =>
        similarity is not null && TryTakeApart(request, messages, options, key, out var question)
            ? similarity.FindAsync(question, entry, request, cancellationToken)
            : default;

    /// <summary>
    /// Marks an answer that a stand-in made, because a budget is low or the model overloaded: it is good for who waits for it now, but must not outlive the reason. The choice by how simple
    /// a request is follows from the request, and is in the key.
    /// </summary>
    public ChatResponse Judge(ChatResponse response)
    {
        if (IsByStandIn(response.ModelId))
            (response.AdditionalProperties ??= [])[CompleteAnswer.Property] = CompleteAnswer.NoStore;
        return response;
    }

    /// <summary>The same of a stream.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> Judge(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        // The last that names a model, or none: what came before may be a round that called tools.
        string? modelId = null;
        await foreach (var update in updates.ConfigureAwait(false))
        {
            modelId = update.ModelId ?? modelId;
            if (update.FinishReason is not null && IsByStandIn(modelId))
                (update.AdditionalProperties ??= [])[CompleteAnswer.Property] = CompleteAnswer.NoStore;
            yield return update;
        }
    }

    /// <summary>The question has got an answer.</summary>
    public void Learn(SimilaritySearch search, CacheOutcome outcome) => similarity?.Learn(search, outcome);

    /// <summary>A hit costs nothing, so that whoever adds up usage does not pay twice; what it avoided goes to the ledger.</summary>
    public async ValueTask NoteAsync(AgentRequest request, ChatResponse response, CacheOutcome outcome, ChatOptions options, double? similarity = null)
    {
        services.Telemetry.CacheLookup(policy.Agent, NameOf(outcome));
        if (outcome == CacheOutcome.Miss)
            return;
        // Whoever called this method from inside a budgeted call must not be charged by estimate for an answer that cost nothing.
        EnclosingCall.Around(services.Costs)?.GiveWay(policy.Limiter);
        var usage = TokenUsage.From(response.Usage) ?? default;
        response.Usage = new UsageDetails { InputTokenCount = 0, OutputTokenCount = 0, TotalTokenCount = 0 };
        (response.AdditionalProperties ??= [])[SourceProperty] = NameOf(outcome);
        if (similarity is not null)
            response.AdditionalProperties[SimilarityProperty] = similarity;

        var now = services.Time.GetUtcNow();
        var modelId = response.ModelId ?? options.ModelId ?? string.Empty;
        var cost = Usd.Zero;
        if ((services.Models.TryGet(modelId, out var model) || services.Models.TryGet(options.ModelId ?? string.Empty, out model)) && model.Prices.Count > 0)
            cost = CostCalculator.CostOf(model, usage, now);
        services.Telemetry.CostAvoided(policy.Agent, cost.Dollars);
        try
        {
            await services.Costs.RecordAvoidedAsync(new LedgerEntry
            {
                Id = Guid.NewGuid(),
                At = now,
                Agent = policy.Agent,
                Method = policy.Method,
                Model = model?.Id ?? modelId,
                Budget = policy.Budgets.Name,
                Tenant = request.Tenant,
                Outcome = LedgerOutcome.Avoided,
                Usage = usage,
                Cost = cost,
            }).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Nothing was spent: a ledger that cannot be written must not take a cached answer away.
            services.Telemetry.Failure("ledger");
        }
    }

    /// <summary>An update of an answer that was paid before: whoever reads it must not count its usage again, and can see where it came from.</summary>
    /// <param name="update">The reader's own copy.</param>
    /// <param name="outcome">Where the answer came from.</param>
    /// <param name="isFirst">Whether it is the first of its answer.</param>
    /// <param name="similarity">How similar the question was that the answer was given to.</param>
    public static ChatResponseUpdate Replayed(ChatResponseUpdate update, CacheOutcome outcome, bool isFirst, double? similarity)
    {
        if (update.Contents.Any(static content => content is UsageContent))
            update.Contents = [.. update.Contents.Where(static content => content is not UsageContent)];
        if (isFirst)
            (update.AdditionalProperties ??= [])[SourceProperty] = NameOf(outcome);
        if (isFirst && similarity is not null)
            update.AdditionalProperties![SimilarityProperty] = similarity;
        return update;
    }

    /// <summary>The last user text, and the key of everything else. Not of a text that is too long to be judged.</summary>
    private bool TryTakeApart(AgentRequest request, List<ChatMessage> messages, ChatOptions options, CacheKey key, out ComparedQuestion question)
    {
        question = default;
        if (messages is not [.., var last] || last.Role != ChatRole.User)
            return false;
        var at = last.Contents.Count - 1;
        while (at >= 0 && last.Contents[at] is not TextContent)
            at--;
        if (at < 0)
            return false;
        var whole = ((TextContent)last.Contents[at]).Text;
        var (start, length) = request.UserText ?? (0, whole.Length);
        if (length > SimilarAnswers.MaxTextLength || start + length > whole.Length || string.IsNullOrWhiteSpace(whole.Substring(start, length)))
            return false;

        var frame = last.Clone();
        frame.Contents = [.. last.Contents];
        frame.Contents[at] = new TextContent(whole.Remove(start, length))
        {
            Annotations = last.Contents[at].Annotations,
            AdditionalProperties = last.Contents[at].AdditionalProperties,
        };
        if (!TryGetKey(request, [.. messages[..^1], frame], options, out var rest))
            return false;
        using var builder = new CacheKeyBuilder();
        Span<byte> bytes = stackalloc byte[CacheKey.Size];
        rest.CopyTo(bytes);
        builder.AddBytes("everything-but-text", bytes);
        builder.Add("text-at", (long?)start);
        question = new ComparedQuestion(key, builder.Build(), whole.Substring(start, length));
        return true;
    }

    /// <summary>Of a client that does not say who answered, anybody may have.</summary>
    private bool IsByStandIn(string? answeredBy)
    {
        var settings = policy.Settings;
        if (settings.WhenBudgetIsLow is null && settings.WhenOverloaded is null)
            return false;
        return answeredBy is null || AreSame(answeredBy, settings.WhenBudgetIsLow) || AreSame(answeredBy, settings.WhenOverloaded);
    }

    /// <summary>Providers answer with the id of a version.</summary>
    private bool AreSame(string answeredBy, string? route) =>
        route is not null && !Equals(route, policy.Settings.Model)
        && (answeredBy.Equals(route, StringComparison.OrdinalIgnoreCase)
            || (services.Models.TryGet(answeredBy, out var one) && services.Models.TryGet(route, out var other) && one.Id.Equals(other.Id, StringComparison.OrdinalIgnoreCase)));

    /// <summary>What a user wrote is answered to him alone, until somebody says who else may see it.</summary>
    private bool MayShare(AgentRequest request)
    {
        if (policy.Settings.CacheScope is CacheScope.Global || request.Tenant is not null || !request.HasUserText)
            return true;
        services.UnscopedCache($"{policy.Agent}.{policy.Method}");
        return false;
    }

    /// <summary>Who answers, and within which limits: processes that share a second level may be configured differently. The same for all calls of the method.</summary>
    private static byte[] TermsOf(BudgetSettings settings, ChatClientMetadata? provider)
    {
        using var builder = new CacheKeyBuilder();
        builder.Add("provider", provider?.ProviderName);
        builder.Add("provider-address", provider?.ProviderUri?.ToString());
        builder.Add("provider-model", provider?.DefaultModelId);
        builder.Add("window", (long?)settings.Window);
        builder.Add("max-context", settings.MaxContextTokens);
        builder.Add("trim-to", settings.TrimToTokens);
        builder.Add("max-messages", settings.MaxMessages);
        builder.Add("max-output-tokens", settings.MaxOutputTokens);
        builder.Add("max-rounds", settings.MaxRounds);
        builder.Add("when-simple", settings.WhenSimple);
        builder.Add("simple-tokens", settings.SimpleTokens);
        var terms = new byte[CacheKey.Size];
        builder.Build().CopyTo(terms);
        return terms;
    }

    private static string NameOf(CacheOutcome outcome) => outcome switch
    {
        CacheOutcome.Hit => "hit",
        CacheOutcome.Miss => "miss",
        CacheOutcome.Shared => "shared",
        CacheOutcome.Similar => "similar",
        _ => "stale",
    };
}

using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TokenBudget.Caching;
using TokenBudget.Calls;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Retries;
using TokenBudget.Routing;
using TokenBudget.Sharing;
using TokenBudget.Summarization;
using TokenBudget.Telemetry;

namespace TokenBudget;

/// <summary>
/// The composition root: catalogue, counters, cache, limits and budgets by name, stores, telemetry and clock. One for a process;
/// agents that name the same limit or budget share it here. Thread-safe.
/// </summary>
public sealed partial class TokenBudgetRuntime : IAsyncDisposable, IDisposable
{
    private readonly TokenBudgetOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CallServices _services;
    private readonly BackgroundWork _background = new();
    private readonly HistorySummaries _histories;
    private readonly IEmbeddingGenerator<string, Embedding<float>>? _embeddings;
    private readonly SimilarAnswers _similar;
    private readonly ConcurrentDictionary<string, bool> _unscoped = new(StringComparer.Ordinal);
    private readonly NamedRateLimits _limits;
    private readonly RuntimeAlerts _alerts;
    private readonly SharedRateLimits? _shared;
    private readonly BackplaneRelay? _relay;
    private readonly SummaryLease _summaryLease;
    private readonly KeyDigests _keyDigests = new();

    /// <summary>Builds a runtime.</summary>
    /// <param name="options">Limits and defaults; unset, those of the environment.</param>
    /// <param name="ledger">Where usage and cost are kept; unset, in memory.</param>
    /// <param name="conversations">Where conversations are kept; unset, in memory.</param>
    /// <param name="cache">The response cache; unset, one in memory.</param>
    /// <param name="time">The clock; unset, the system's.</param>
    /// <param name="logger">Where the effective policy of each method is told; unset, nowhere.</param>
    /// <param name="calibrations">Where what is learned about counting is kept; unset, in the ledger or where conversations are, if they can; otherwise in memory.</param>
    /// <param name="tenants">For whom a call is that does not say it; unset, nobody.</param>
    /// <param name="cacheSecondLevel">A store for answers behind the memory of the default response cache, shared with other processes; unset, none.</param>
    /// <param name="embeddings">What questions are compared by, for methods with a <see cref="CachedAttribute.Similarity"/>; unset, such a method cannot be bound.</param>
    /// <param name="sharedLimits">Where this process agrees with others on rate limits: limits of the same name are one limit for all. Unset, each process has its own.</param>
    /// <param name="backplane">Where this process and others tell each other of cleared caches, paused budgets and alerts. Unset, they find out by themselves or not at all.</param>
    /// <exception cref="TokenBudgetConfigurationException">The environment holds a value that means nothing.</exception>
    public TokenBudgetRuntime(
        TokenBudgetOptions? options = null,
        ILedger? ledger = null,
        IConversationStore? conversations = null,
        IResponseCache? cache = null,
        TimeProvider? time = null,
        ILogger<TokenBudgetRuntime>? logger = null,
        ICalibrationStore? calibrations = null,
        ITenantAccessor? tenants = null,
        IDistributedCache? cacheSecondLevel = null,
        IEmbeddingGenerator<string, Embedding<float>>? embeddings = null,
        ISharedLimitStore? sharedLimits = null,
        IBackplane? backplane = null)
    {
        _options = options ?? TokenBudgetOptionsReader.FromEnvironment();
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<TokenBudgetRuntime>.Instance;
        _alerts = new RuntimeAlerts(this, Telemetry, _time, _logger);
        Counters = new ModelCounters(calibrations ?? ledger as ICalibrationStore ?? conversations as ICalibrationStore ?? new InMemoryCalibrationStore(), Telemetry);
        Ledger = ledger ?? new InMemoryLedger();
        Conversations = conversations ?? new InMemoryConversationStore();
        // What is in memory anyway needs no second place there, which nobody would clear.
        _histories = new HistorySummaries(conversations);
        Cache = cache ?? new ResponseCache(
            new ResponseCacheOptions { MaxBytes = _options.CacheMaxBytes, DefaultTtl = _options.Defaults.CacheTtl ?? TimeSpan.FromMinutes(60) }, _time, cacheSecondLevel);
        _embeddings = embeddings;
        _similar = new SimilarAnswers(_options.CacheSimilarityMaxBytes, _options.CacheSimilarityTimeout, _time);
        Costs = new CostTracker(Ledger, _time, _options.CostAlertThresholdUsd is { } dollars ? Usd.FromDollars(dollars) : null, _options.CostAlertPercents);
        _alerts.Watch(Costs);
        foreach (var (tenant, weight) in _options.TenantWeights)
            if (!(weight >= TokenBudgetOptions.LeastTenantWeight && weight <= TokenBudgetOptions.MostTenantWeight))
                throw new TokenBudgetConfigurationException([FormattableString.Invariant(
                    $"The weight of tenant '{tenant}' is {weight}; allowed is a number from {TokenBudgetOptions.LeastTenantWeight} to {TokenBudgetOptions.MostTenantWeight}, where 1 is the usual share.")]);
        Providers = new ProviderGuard(_options.Retries, _time);
        _alerts.Watch(Providers);
        _summaryLease = new SummaryLease(sharedLimits);
        _shared = sharedLimits is null ? null : new SharedRateLimits(sharedLimits, _time);
        if (_shared is not null)
            _alerts.Watch(_shared);
        _limits = new NamedRateLimits(_options, _shared, _time);
        if (backplane is not null && _options.Enabled)
            _relay = new BackplaneRelay(backplane, Cache, Costs, _alerts, _time, _logger);
        _services = new CallServices(
            _options.Enabled,
            _options.Models,
            _options.AllowUnknownPrices,
            _options.StatusOf,
            Counters,
            Costs,
            Providers,
            method => LogNestedRetries(method),
            WarnOfUnscopedCache,
            tenants,
            new ModelOverloads(_time),
            Telemetry,
            _time);
    }

    /// <summary>
    /// Raised for everything a person should know of: thresholds and pauses of budgets, a ledger that fails, summaries that failed, providers that refuse for want of money. On the thread
    /// it came up on, which may be a caller's: be quick. A handler that throws is logged, and the others are still called.
    /// </summary>
    public event EventHandler<TokenBudgetAlert>? AlertRaised
    {
        add => _alerts.Raised += value;
        remove => _alerts.Raised -= value;
    }

    /// <summary>Usage and cost of every request.</summary>
    public ILedger Ledger { get; }

    /// <summary>Where conversations are kept.</summary>
    public IConversationStore Conversations { get; }

    /// <summary>The response cache.</summary>
    public IResponseCache Cache { get; }

    /// <summary>Budgets in dollars.</summary>
    public CostTracker Costs { get; }

    /// <summary>What calls share about their providers: pauses for want of money, cool-downs, the retry budget.</summary>
    public ProviderGuard Providers { get; }

    /// <summary>The counter of each model.</summary>
    public ModelCounters Counters { get; }

    /// <summary>The meter.</summary>
    public TokenBudgetTelemetry Telemetry { get; } = new();

    /// <summary>The clock of limits, budgets and caches.</summary>
    public TimeProvider Time => _time;

    /// <summary>The rate limits in use, by name.</summary>
    public IReadOnlyList<RateLimitStatus> RateLimits => _limits.Statuses;

    /// <summary>Whether rate limits are shared with other processes and the store they share does not answer; then each limit is held as its <see cref="StoreFallback"/> says.</summary>
    public bool SharedLimitsAway => _shared?.IsAway is true;

    /// <summary>What comparing questions by meaning did (see <see cref="CachedAttribute.Similarity"/>).</summary>
    public SimilarityStatistics GetSimilarityStatistics() => _similar.GetStatistics();

    /// <summary>Opens a conversation of <see cref="Conversations"/>.</summary>
    /// <param name="id">The conversation's id; a new one is created by its first turn.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public Task<Conversation> OpenConversationAsync(string id, CancellationToken cancellationToken = default) =>
        Conversation.OpenAsync(Conversations, id, cancellationToken: cancellationToken);

    /// <summary>Binds a method's policy to the client that serves it.</summary>
    /// <param name="client">The chat client.</param>
    /// <param name="policy">The method's facts.</param>
    /// <param name="tools">The tools every call may use, besides those of its options.</param>
    public AgentMethod Bind(IChatClient client, AgentMethodPolicy policy, IReadOnlyList<AITool>? tools = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(policy);
        var effective = Resolve(policy);
        if (_options.Enabled && client is UnboundClient && effective is { Settings.Model: null, Budgets.HasLimit: true })
        {
            throw new TokenBudgetConfigurationException(
                [$"{policy.Agent}.{policy.Method} is limited in dollars and wraps an implementation that names its model only with the answer, so nothing can be reserved for a call. Say which model it calls at most (<TokenBudgetModel> in the project, or TokenBudget:Agents:{policy.Agent}:Model), or limit the budgeted client inside it instead."]);
        }

        var budgeted = new BudgetedChatClient(client, effective, _services);
        var writer = client is UnboundClient && IsSummarized(effective) ? new BudgetedChatClient(SummaryClientOf(policy), effective, _services) : budgeted;
        return new AgentMethod(new AgentMethodParts(
            effective,
            budgeted,
            _services,
            _background,
            policy.SystemPrompt is { } prompt ? new ChatMessage(ChatRole.System, prompt) : null,
            _options.Enabled && effective.Settings.Cached is true ? CacheOf(effective, client) : null,
            IsSummarized(effective) ? SummariesOf(budgeted, writer, effective) : null,
            Conversations,
            tools ?? []));
    }

    /// <summary>Binds the policy of a method the user implements.</summary>
    /// <param name="policy">The method's facts.</param>
    public AgentMethod Bind(AgentMethodPolicy policy) => Bind(UnboundClient.Instance, policy);

    /// <summary>The same engine without any interface: steps 4 to 9 in front of a client.</summary>
    /// <param name="client">The chat client.</param>
    /// <param name="policy">The facts; <see cref="AgentMethodPolicy.SystemPrompt"/> is not used.</param>
    public BudgetedChatClient CreateClient(IChatClient client, AgentMethodPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(policy);
        return new BudgetedChatClient(client, Resolve(policy), _services);
    }

    /// <summary>The same, with summaries of what falls out of the histories it gets, where the policy asks for them.</summary>
    internal IChatClient CreateSummarizedClient(IChatClient client, AgentMethodPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(policy);
        var effective = Resolve(policy);
        var budgeted = new BudgetedChatClient(client, effective, _services);
        return IsSummarized(effective) ? new SummarizedChatClient(budgeted, SummariesOf(budgeted, budgeted, effective)) : budgeted;
    }

    /// <summary>Waits for work that was started after replies: summaries.</summary>
    public Task DrainAsync() => _background.DrainAsync();

    /// <summary>Waits for background work, then ends what waits for a rate limit.</summary>
    public async ValueTask DisposeAsync()
    {
        await DrainAsync().ConfigureAwait(false);
        if (_relay is not null)
            await _relay.DisposeAsync().ConfigureAwait(false);
        if (_shared is not null)
            await _shared.DisposeAsync().ConfigureAwait(false);
        await _limits.DisposeAsync().ConfigureAwait(false);
        Telemetry.Dispose();
    }

    /// <summary>The same for containers that are disposed without <see langword="await"/>; blocks until background work is done.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private EffectivePolicy Resolve(AgentMethodPolicy policy)
    {
        var settings = _options.Resolve(policy.Agent, policy.Method, policy.Settings);
        if (settings is { AtLimit: AtLimit.CheaperModel, WhenBudgetIsLow: null })
        {
            throw new TokenBudgetConfigurationException(
                [$"{policy.Agent}.{policy.Method} is to use a cheaper model at its limit, but names none: set WhenBudgetIsLow, as in [RoutedTo(WhenBudgetIsLow = \"…\")], or another AtLimit."]);
        }

        var limiter = _limits.For(policy, settings);
        var budgets = new MethodBudgets(policy.Agent, policy.Method, settings, _options.Budgets);
        if (_options.Enabled)
            Costs.Declare(budgets.Declared);
        LogPolicy(policy.Agent, policy.Method, _options.Enabled, settings, budgets);
        return new EffectivePolicy(policy.Agent, policy.Method, settings, budgets, limiter) { TenantWeights = _options.TenantWeights };
    }

    private MethodCache CacheOf(EffectivePolicy policy, IChatClient client)
    {
        var provider = client.GetService<ChatClientMetadata>();
        if (policy.Settings.CacheSimilarity is not { } similarity)
            return new MethodCache(Cache, _keyDigests, policy, _services, provider);
        if (similarity is not (>= BudgetSettings.LeastSimilarity and <= 1))
            throw new TokenBudgetConfigurationException(
                [FormattableString.Invariant($"The similarity of {policy.Agent}.{policy.Method} is {similarity}; allowed is {BudgetSettings.LeastSimilarity} to 1. Below, questions have no more in common than their topic.")]);
        if (_embeddings is null)
            throw new TokenBudgetConfigurationException(
                [$"{policy.Agent}.{policy.Method} compares questions by meaning ([Cached(Similarity = …)]), and there is nothing to do so with: register an IEmbeddingGenerator<string, Embedding<float>>, give one to the TokenBudgetRuntime, or remove the similarity."]);
        return new MethodCache(Cache, _keyDigests, policy, _services, provider, new MethodSimilarity(_similar, new BudgetedEmbeddings(_embeddings, policy, _services, _similar), Cache, similarity));
    }

    private bool IsSummarized(EffectivePolicy policy) => _options.Enabled && policy.Settings.Summarized is true;

    private IChatClient SummaryClientOf(AgentMethodPolicy policy) => _options.SummaryClient?.Invoke() ?? throw new TokenBudgetConfigurationException(
        [$"{policy.Agent}.{policy.Method} is summarized, but wraps an implementation that brings no chat client to write summaries with. Set TokenBudgetOptions.SummaryClient, register an IChatClient, or remove [Summarized]."]);

    /// <param name="client">What the window is asked of.</param>
    /// <param name="writer">Who writes summaries.</param>
    /// <param name="policy">What holds.</param>
    private SummarySchedule SummariesOf(BudgetedChatClient client, BudgetedChatClient writer, EffectivePolicy policy)
    {
        var settings = policy.Settings;
        var model = settings.SummaryModel ?? settings.Model;
        var words = settings.SummaryMaxWords ?? 200;
        var counter = Counters.For(settings.Model ?? string.Empty).Messages;
        var info = model is not null && _options.Models.TryGet(model, out var known) ? known : null;
        var room = Math.Min(settings.MaxContextTokens ?? int.MaxValue, info?.MaxInputTokens ?? int.MaxValue) - policy.MaxOutputTokens(null, info);
        var summarizer = new ConversationSummarizer(
            writer,
            new SummarizerOptions
            {
                AfterMessages = settings.SummarizeAfterMessages ?? 0,
                AfterTokens = settings.SummarizeAfterTokens ?? 0,
                MaxWords = words,
                Model = model,
                // The last quarter is for a counter that is off.
                MaxCoveredTokens = Math.Max(1, (room - SummaryPrompt.FixedTokens(counter, words)) / 4L * 3),
            },
            counter,
            _time) { Lease = _summaryLease };
        _alerts.Watch(summarizer, policy);
        return new SummarySchedule(summarizer, client, _histories, policy.Agent, _background, _time, Telemetry.Spans);
    }

    private void WarnOfUnscopedCache(string method)
    {
        if (_unscoped.TryAdd(method, true))
            LogUnscopedCache(method);
    }

    [LoggerMessage(1, LogLevel.Information, "Budget of {Agent}.{Method} (enabled: {Enabled}): {Settings}. Dollars: {Budgets}")]
    private partial void LogPolicy(string agent, string method, bool enabled, BudgetSettings settings, MethodBudgets budgets);

    [LoggerMessage(6, LogLevel.Warning, "The chat client of {Method} tries again by itself, which multiplies with the retries here and is counted by no limit: set its own retries to 0 (MaxRetries = 0)")]
    private partial void LogNestedRetries(string method);

    [LoggerMessage(20, LogLevel.Warning, "The answers of {Method} are not cached: they follow from what a user wrote, and nobody says who may share them. Name the tenant by a [CacheScope] parameter or an ITenantAccessor, or, where the answer is the same for everybody, write [Cached(Scope = CacheScope.Global)]")]
    private partial void LogUnscopedCache(string method);
}

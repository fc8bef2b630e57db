using System.Net;
using Microsoft.Extensions.AI;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Retries;

namespace TokenBudget.Configuration;

/// <summary>
/// Everything that can be said outside the code. Attributes declare; <see cref="Agents"/> overrides; where neither speaks,
/// <see cref="Defaults"/> does, which the environment fills.
/// </summary>
public sealed class TokenBudgetOptions
{
    /// <summary>The section that holds the options: <c>TokenBudget</c>.</summary>
    public const string SectionName = "TokenBudget";

    internal const double LeastTenantWeight = 0.001;

    internal const double MostTenantWeight = 1_000;

    /// <summary>Whether anything is done at all. Off, every step passes through. Default: on.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>What holds where attributes and <see cref="Agents"/> are silent. Default: 50,000 tokens of context, 400,000 tokens a minute per agent, at most 10 minutes of waiting for it, answers cached for 60 minutes where caching is asked for.</summary>
    public BudgetSettings Defaults { get; set; } = new()
    {
        MaxContextTokens = DefaultLimits.MaxContextTokens,
        TokensPerMinute = 400_000,
        MaxWait = TimeSpan.FromMinutes(10),
        CacheTtl = TimeSpan.FromMinutes(60),
        SummarizeAfterMessages = 20,
        SummaryMaxWords = 200,
        MaxRounds = DefaultLimits.MaxRounds,
    };

    /// <summary>Overrides by agent name, without regard to case.</summary>
    public IDictionary<string, AgentOptions> Agents { get; } = new Dictionary<string, AgentOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Budgets beyond those of the agents, by name: for everything, a model, a tenant.</summary>
    public IDictionary<string, BudgetRule> Budgets { get; } = new Dictionary<string, BudgetRule>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The shares of a limit that raise an alert, in percent. Default: 50, 80, 90, 100.</summary>
    public IReadOnlyList<int> CostAlertPercents { get; set; } = [50, 80, 90, 100];

    /// <summary>The most bytes of the response cache. Default: 100 MB.</summary>
    public long CacheMaxBytes { get; set; } = 100L * 1024 * 1024;

    /// <summary>Whether the host's <c>IDistributedCache</c> is the second level of the response cache. It then holds answers as they are. Default: no.</summary>
    public bool CacheInDistributedCache { get; set; }

    /// <summary>The most bytes kept of questions that are compared by meaning: their words and embeddings. Default: 32 MB, some 5,000 questions at 1,536 dimensions.</summary>
    public long CacheSimilarityMaxBytes { get; set; } = 32L * 1024 * 1024;

    /// <summary>The longest a call waits for the embedding of its question; then it goes on without. Default: 500 ms.</summary>
    public TimeSpan CacheSimilarityTimeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Spending per budget and period that raises an alert besides the shares of a limit. Default: $10.</summary>
    public decimal? CostAlertThresholdUsd { get; set; } = 10m;

    /// <summary>Whether a model without a known price may be used, at a cost of zero, by agents without a limit in dollars. Default: no.</summary>
    public bool AllowUnknownPrices { get; set; }

    /// <summary>
    /// The HTTP status of a refusal by the provider, or none for other exceptions. What was refused costs nothing; what failed for another reason may have
    /// been worked on, and is charged by estimate. <see cref="HttpRequestException"/> is known; SDKs have exceptions of their own: for Anthropic
    /// <c>e => (e as AnthropicApiException)?.StatusCode</c>, for OpenAI <c>e => (HttpStatusCode?)(e as ClientResultException)?.Status</c>. Must not throw.
    /// </summary>
    public Func<Exception, HttpStatusCode?>? StatusOf { get; set; }

    /// <summary>
    /// Gives the chat client that writes the summaries of methods you implement yourself: what is wrapped brings no chat client. It is called once a method, and charged
    /// to that method's budget, so give it no budget of its own. Unset: the <see cref="IChatClient"/> of the services, if there is one.
    /// </summary>
    public Func<IChatClient?>? SummaryClient { get; set; }

    /// <summary>
    /// Rate limits by name, without regard to case: what is said here is all that holds for the limit, whatever attributes and <see cref="Agents"/> say. The name is a <c>LimitName</c>; of limits
    /// without one, <c>agent.method</c> or the agent's.
    /// </summary>
    public IDictionary<string, RateLimits> RateLimits { get; } = new Dictionary<string, RateLimits>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The share a tenant gets of every rate limit while others wait too, by the tenant's name without regard to case: 2 gets twice as much as 1, which all others have. From 0.001 to 1,000.
    /// </summary>
    public IDictionary<string, double> TenantWeights { get; } = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How failed requests are tried again.</summary>
    public RetryOptions Retries { get; set; } = new();

    /// <summary>Context sizes and prices. Default: the catalogue of the package.</summary>
    public ModelCatalogue Models { get; set; } = ModelCatalogue.Default;

    /// <summary>The settings of a method: configuration over attributes over defaults.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="method">The method's name.</param>
    /// <param name="declared">What the attributes say.</param>
    public BudgetSettings Resolve(string agent, string method, BudgetSettings declared)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(declared);
        var settings = declared;
        if (Agents.TryGetValue(agent, out var options))
        {
            settings = options.Settings.Over(settings);
            if (options.Methods.TryGetValue(method, out var methodSettings))
                settings = methodSettings.Over(settings);
        }

        return settings.Over(Defaults);
    }
}

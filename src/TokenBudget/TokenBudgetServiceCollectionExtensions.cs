using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using TokenBudget;
using TokenBudget.Counting;
using TokenBudget.Caching;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Sharing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the runtime.</summary>
public static class TokenBudgetServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="TokenBudgetRuntime"/>, configured by the host's <see cref="IConfiguration"/> or, without one, by the environment.
    /// Stores, cache and clock are taken from the services where they are registered. Further calls add no second runtime, only their
    /// change of the options; generated <c>Add&lt;Agent&gt;()</c> methods call this.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options after configuration was read.</param>
    public static IServiceCollection AddTokenBudget(this IServiceCollection services, Action<TokenBudgetOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        // Generated methods call this without a change, in any order with the user's own call, so changes are collected.
        if (configure is not null)
            services.AddSingleton(new OptionsChange(configure));
        services.TryAddSingleton(static provider =>
        {
            var options = provider.GetService<IConfiguration>() is { } configuration
                ? TokenBudgetOptionsReader.FromConfiguration(configuration)
                : TokenBudgetOptionsReader.FromEnvironment();
            foreach (var change in provider.GetServices<OptionsChange>())
                change.Apply(options);
            options.SummaryClient ??= () => provider.GetService<IChatClient>();
            return options;
        });
        services.TryAddSingleton(static provider => new TokenBudgetRuntime(
            provider.GetRequiredService<TokenBudgetOptions>(),
            provider.GetService<ILedger>(),
            provider.GetService<IConversationStore>(),
            provider.GetService<IResponseCache>(),
            provider.GetService<TimeProvider>(),
            provider.GetService<ILogger<TokenBudgetRuntime>>(),
            provider.GetService<ICalibrationStore>(),
            provider.GetService<ITenantAccessor>(),
            provider.GetRequiredService<TokenBudgetOptions>().CacheInDistributedCache ? provider.GetRequiredService<IDistributedCache>() : null,
            provider.GetService<IEmbeddingGenerator<string, Embedding<float>>>(),
            provider.GetService<ISharedLimitStore>(),
            provider.GetService<IBackplane>()));
        return services;
    }

    private sealed record OptionsChange(Action<TokenBudgetOptions> Apply);
}

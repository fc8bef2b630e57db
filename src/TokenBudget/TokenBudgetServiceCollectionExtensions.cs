using Microsoft.Extensions.DependencyInjection.Extensions;
using TokenBudget;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the runtime.</summary>
public static class TokenBudgetServiceCollectionExtensions
{
    /// <summary>Adds one <see cref="TokenBudgetRuntime"/>; further calls add nothing. Generated <c>Add&lt;Agent&gt;()</c> methods call this.</summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddTokenBudget(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<TokenBudgetRuntime>();
        return services;
    }
}

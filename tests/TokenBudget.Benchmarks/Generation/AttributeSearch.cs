using Microsoft.CodeAnalysis;

namespace TokenBudget.Benchmarks.Generation;

/// <summary>A generator that finds the same interfaces by the compiler's own search, and does nothing with them: what the search alone costs.</summary>
internal sealed class AttributeSearch : IIncrementalGenerator
{
    private static readonly Type[] Attributes =
    [
        typeof(ChatAgentAttribute), typeof(TokenBudgetAttribute), typeof(RateLimitedAttribute), typeof(CostTrackedAttribute), typeof(CachedAttribute), typeof(SummarizedAttribute),
    ];

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        foreach (var attribute in Attributes)
        {
            var found = context.SyntaxProvider.ForAttributeWithMetadataName(attribute.FullName!, static (_, _) => true, static (_, _) => 0);
            context.RegisterSourceOutput(found, static (_, _) => { });
        }
    }
}

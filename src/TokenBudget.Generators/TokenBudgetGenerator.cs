using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Emission;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators;

/// <summary>Writes the class of every attributed interface. Says nothing: the analyzers, which share its parser, report.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class TokenBudgetGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var hasServiceCollection = context.CompilationProvider
            .Select(static (compilation, _) => compilation.GetTypesByMetadataName(WellKnownNames.ServiceCollection).Length > 0)
            .WithTrackingName(TrackingNames.HasServiceCollection);

        Register(context, AgentSource.Clients(context.SyntaxProvider), hasServiceCollection);
        foreach (var attribute in AgentSource.WrapperAttributes)
            Register(context, AgentSource.Wrappers(context.SyntaxProvider, attribute), hasServiceCollection);
    }

    private static void Register(
        IncrementalGeneratorInitializationContext context,
        IncrementalValuesProvider<AgentModel> agents,
        IncrementalValueProvider<bool> hasServiceCollection) =>
        context.RegisterSourceOutput(
            agents.Combine(hasServiceCollection).WithTrackingName(TrackingNames.Output),
            static (output, item) => output.AddSource(
                item.Left.HintName,
                AgentEmitter.Emit(item.Left, item.Right, output.CancellationToken)));
}

using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Declarations;
using TokenBudget.Generators.Emission;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators;

/// <summary>Writes the class of every attributed interface. Says nothing: the analyzers, which share its parser, report.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class TokenBudgetGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var files = PromptFiles.Of(context.AdditionalTextsProvider).WithTrackingName(TrackingNames.PromptFiles);
        var settings = ProjectSettings.Of(context.AnalyzerConfigOptionsProvider).WithTrackingName(TrackingNames.ProjectSettings);
        var models = ModelTable.Of(context.AdditionalTextsProvider).WithTrackingName(TrackingNames.Models);
        var references = ReferenceSet.Of(context.CompilationProvider);
        var agents = DeclaredAgents.Of(context.CompilationProvider, references)
            .Combine(files).Select(static (pair, _) => PromptFiles.Into(pair.Left, pair.Right))
            .Combine(settings).Select(static (pair, _) => ProjectSettings.Into(pair.Left, pair.Right));
        var surroundings = SurroundingsSource.Of(context.CompilationProvider, references, agents, models).WithTrackingName(TrackingNames.Surroundings);

        context.RegisterSourceOutput(
            agents.Combine(surroundings).WithTrackingName(TrackingNames.Output),
            static (output, item) => output.AddSource(item.Left.HintName, AgentEmitter.Emit(item.Left, item.Right, output.CancellationToken)));

        context.RegisterSourceOutput(
            RegistrationsSource.Of(agents).Combine(surroundings).WithTrackingName(TrackingNames.Registrations),
            static (output, item) =>
            {
                if (item.Right.HasServiceCollection && item.Left.Count > 0)
                    output.AddSource("TokenBudgetAgents.g.cs", ServiceCollectionEmitter.EmitAll(item.Left, item.Right));
            });
    }
}

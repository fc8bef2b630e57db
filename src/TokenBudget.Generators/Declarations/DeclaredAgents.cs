using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Declarations;

/// <summary>
/// Finds the agents of a project. By syntax first: the compiler's own search by attribute asks for the symbols of every interface it has ever found after
/// every keystroke anywhere, which is most of what an edit would cost (docs/decisions/0008).
/// </summary>
internal static class DeclaredAgents
{
    public static IncrementalValuesProvider<AgentModel> Of(IncrementalValueProvider<Compilation> compilation, IncrementalValueProvider<ReferenceSet> references) =>
        Candidates(compilation, references)
            .Combine(compilation)
            .Select(static (pair, cancellationToken) => pair.Left.ModelIn(pair.Right, cancellationToken))
            .Where(static model => model is not null)
            .Select(static (model, _) => model!)
            .WithTrackingName(TrackingNames.Agents);

    private static IncrementalValuesProvider<AgentCandidate> Candidates(IncrementalValueProvider<Compilation> compilation, IncrementalValueProvider<ReferenceSet> references) =>
        compilation
            .SelectMany(static (compilation, _) => compilation.SyntaxTrees)
            .Select(static (tree, cancellationToken) => DeclarationReader.Read(tree, cancellationToken))
            .WithTrackingName(TrackingNames.Files)
            .Collect()
            .Combine(ProjectVersion.Of(compilation, references))
            .SelectMany(static (pair, cancellationToken) => new ProjectDeclarations(pair.Left).Candidates(pair.Right, cancellationToken))
            .WithTrackingName(TrackingNames.Candidates);
}

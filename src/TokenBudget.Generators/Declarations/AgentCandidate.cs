using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Declarations;

/// <summary>
/// An interface that is probably an agent, in one version of all that its model depends on. It is read once, however many compilations come by: the
/// compiler hands us a new one, and with it new symbols, at every keystroke.
/// </summary>
/// <param name="metadataName">Its name as metadata has it.</param>
/// <param name="version">A hash of it and of every declaration it can mean.</param>
/// <param name="project">What is the same for all of the project.</param>
internal sealed class AgentCandidate(string metadataName, string version, ProjectVersion project) : IEquatable<AgentCandidate>
{
    // Equal candidates have equal models, so it does not matter who of them reads, nor whether two do at once.
    private volatile Reading? _reading;

    /// <summary>The interface as a compilation of this version has it; null when nothing can be made of it.</summary>
    public AgentModel? ModelIn(Compilation compilation, CancellationToken cancellationToken) =>
        (_reading ??= new Reading(Read(compilation, cancellationToken))).Model;

    public bool Equals(AgentCandidate? other) =>
        other is not null && metadataName == other.MetadataName && version == other.Version && project.Equals(other.Project);

    public override bool Equals(object? obj) => Equals(obj as AgentCandidate);

    public override int GetHashCode() => version.GetHashCode();

    private string MetadataName => metadataName;

    private string Version => version;

    private ProjectVersion Project => project;

    private AgentModel? Read(Compilation compilation, CancellationToken cancellationToken) =>
        compilation.Assembly.GetTypeByMetadataName(metadataName) is { } type && AgentSource.KindOf(type) is { } kind
            ? AgentParser.Parse(type, kind, compilation.Assembly, SilentObserver.Instance, cancellationToken)
            : null;

    private sealed class Reading(AgentModel? model)
    {
        public AgentModel? Model => model;
    }
}

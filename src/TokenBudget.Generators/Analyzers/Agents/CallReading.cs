using System.Collections.Immutable;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Contracts.Locking;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers.Agents;

/// <summary>A method that runs through the budget, as a rule sees it.</summary>
/// <param name="Type">The interface it is generated for.</param>
/// <param name="Kind">What is generated.</param>
/// <param name="Method">The method; of the interface, or inherited by it.</param>
/// <param name="Call">What was read of it, with the texts of its files and the project's settings.</param>
/// <param name="Name">Its name in contracts.</param>
/// <param name="Project">The project around it.</param>
internal sealed record CallReading(INamedTypeSymbol Type, AgentKind Kind, IMethodSymbol Method, CallModel Call, string Name, ProjectReading Project)
{
    private readonly Lazy<CallFacts> _facts = new(() => CallFacts.Of(Kind, Call, Project.Models));

    // Two rules ask for it. If both do at once it is found twice, and is the same.
    private volatile ContractChange? _change;

    /// <summary>What is known of a call before it is made.</summary>
    public CallFacts Facts => _facts.Value;

    /// <summary>What the manifest of the assembly will say of the method.</summary>
    public MethodContract Contract => MethodContract.Of(Name, Call, Facts, Project.Models);

    /// <summary>What became of its contract since the lock file was written; null where the project keeps none.</summary>
    public ContractChange? Change => Project.Lock is { Contracts: { } locked } ? _change ??= ChangeSince(locked) : null;

    /// <summary>What its code fix needs to know.</summary>
    public ImmutableDictionary<string, string?> ContractProperties =>
        Project.Lock!.PropertiesOf(LockFile.KeyOf(Project.Compilation.AssemblyName ?? "", Name), Contract.Json);

    /// <summary>The model it is declared to call, if the build knows it.</summary>
    public KnownModel? Model => Project.Models.Find(Call.Setting("Model"));

    /// <summary>Whether a context of the user's reads and writes its JSON.</summary>
    public bool HasJsonContext => JsonContextParser.Parse(Type, Project.Compilation.Assembly, SilentObserver.Instance) is not null;

    /// <summary>Where the method is reported.</summary>
    public Location Location => AgentLocations.Of(Type, Method);

    /// <summary>A parameter by its name.</summary>
    public IParameterSymbol? Parameter(string name)
    {
        foreach (var symbol in Method.Parameters)
            if (symbol.Name == name)
                return symbol;
        return null;
    }

    /// <summary>Where one of its parameters is reported.</summary>
    public Location LocationOf(string parameter) => Parameter(parameter) is { } symbol ? AgentLocations.Of(Type, symbol) : Location;

    /// <summary>Where a setting is reported: the argument that says it, at the method or its interface, or else the method.</summary>
    public Location LocationOf(string attribute, string argument, CancellationToken cancellationToken) =>
        AgentLocations.OfArgument(Method, attribute, argument, cancellationToken)
        ?? AgentLocations.OfArgument(Type, attribute, argument, cancellationToken)
        ?? Location;

    private ContractChange ChangeSince(LockFile locked) =>
        ContractChange.Between(locked.Find(Project.Compilation.AssemblyName ?? "", Name)?.Facts, ContractFacts.Read(Contract.Json));
}

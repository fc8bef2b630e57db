using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers.Agents;

/// <summary>What a rule may ask of the project around an interface. Each is found out when it is first asked for.</summary>
internal sealed class ProjectReading(Compilation compilation, AnalyzerOptions options)
{
    private readonly Lazy<ModelTable> _models = new(() => ModelTable.Of(options.AdditionalFiles));
    private readonly Lazy<LockReading?> _lock = new(() => LockReading.Of(options, CancellationToken.None));
    private readonly Lazy<bool> _hasTenantAccessor = new(() => DeclaresTenantAccessor(compilation.Assembly.GlobalNamespace));

    /// <summary>The project as it is compiled.</summary>
    public Compilation Compilation => compilation;

    /// <summary>The models the build knows.</summary>
    public ModelTable Models => _models.Value;

    /// <summary>The contracts the project keeps; null where it keeps none, or they cannot be read.</summary>
    public LockReading? Lock => _lock.Value is { Contracts: not null } read ? read : null;

    /// <summary>Whether the host brings models the build does not know.</summary>
    public bool ModelsAtRunTime => Says("TokenBudgetModelsAtRunTime", "true");

    /// <summary>Whether the program will run, or may be made to run, where JSON is not read by reflection.</summary>
    public bool IsWithoutReflection => Says("PublishAot", "true") || Says("PublishTrimmed", "true") || Says("IsAotCompatible", "true") || Says("JsonSerializerIsReflectionEnabledByDefault", "false");

    /// <summary>Whether the project has a class that tells the tenant of each call. One of another project is not seen from here.</summary>
    public bool HasTenantAccessor => _hasTenantAccessor.Value;

    private bool Says(string property, string value) =>
        options.AnalyzerConfigOptionsProvider.GlobalOptions.TryGetValue("build_property." + property, out var text) && text.Equals(value, StringComparison.OrdinalIgnoreCase);

    private static bool DeclaresTenantAccessor(INamespaceOrTypeSymbol container)
    {
        foreach (var member in container.GetMembers())
        {
            if (member is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } type)
                foreach (var implemented in type.AllInterfaces)
                    if (implemented.Is(WellKnownNames.TenantAccessor))
                        return true;
            if (member is INamespaceOrTypeSymbol inner && DeclaresTenantAccessor(inner))
                return true;
        }

        return false;
    }
}

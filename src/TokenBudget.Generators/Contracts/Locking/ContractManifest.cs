namespace TokenBudget.Generators.Contracts.Locking;

/// <summary>
/// How the contracts stand in an assembly, for whoever reads it without running it: an <c>AssemblyMetadata</c> attribute for each method, with the JSON of its contract under
/// the prefix and the method's name.
/// </summary>
internal static class ContractManifest
{
    /// <summary>What the name of such an attribute begins with; the version of the form is in it.</summary>
    public const string Prefix = "TokenBudget.Contract.1:";

    /// <summary>The same without the version: how one of another release is known.</summary>
    public const string AnyVersion = "TokenBudget.Contract.";
}

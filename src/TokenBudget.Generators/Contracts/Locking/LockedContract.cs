namespace TokenBudget.Generators.Contracts.Locking;

/// <summary>A method's line in a lock file.</summary>
/// <param name="Assembly">The assembly that has the method.</param>
/// <param name="Method">Its interface, its name and the types of its parameters.</param>
/// <param name="Facts">What the line says.</param>
/// <param name="Json">The same as it stands there.</param>
/// <param name="Start">Where it begins in the text.</param>
/// <param name="End">The character behind it.</param>
internal sealed record LockedContract(string Assembly, string Method, ContractFacts Facts, string Json, int Start, int End)
{
    /// <summary>What the line begins with.</summary>
    public string Key => LockFile.KeyOf(Assembly, Method);
}

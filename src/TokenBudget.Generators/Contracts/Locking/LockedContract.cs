namespace TokenBudget.Generators.Contracts.Locking;

/// <summary>A method's line in a lock file.</summary>
/// <param name="Assembly">The assembly that has the method.</param>
/// <param name="Method">Its interface, its name and the types of its parameters.</param>
/// <param name="Facts">What the line says.</param>
/// <param name="Start">Where it begins in the text.</param>
/// <param name="End">The character behind it.</param>
internal sealed record LockedContract(string Assembly, string Method, ContractFacts Facts, int Start, int End);

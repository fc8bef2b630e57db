using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Cli.Contracts;

/// <summary>What a method promises of its calls.</summary>
/// <param name="Assembly">The assembly that has the method.</param>
/// <param name="Method">Its interface, its name and the types of its parameters.</param>
/// <param name="Facts">The facts, by name.</param>
/// <param name="Json">The same as JSON, on one line.</param>
/// <param name="Line">Its line in a lock file, from 1; null in an assembly.</param>
internal sealed record Contract(string Assembly, string Method, ContractFacts Facts, string Json, int? Line = null)
{
    /// <summary>What its line in a lock file begins with.</summary>
    public string Key => LockFile.KeyOf(Assembly, Method);

    /// <summary>The most a thousand calls cost; null where nobody knows.</summary>
    public decimal? CeilingOf1000 => Facts.CeilingUsd * 1_000;

    /// <summary>What the fixed part of a thousand calls costs, each time the provider's cache does not have it; null where nobody knows.</summary>
    public decimal? FixedOf1000 => Facts.FixedUsd * 1_000;
}

using System.Reflection;
using System.Reflection.Emit;

namespace TokenBudget.Cli.Tests.Contracts;

/// <summary>An assembly with contracts, as the generator writes them.</summary>
internal static class TestAssembly
{
    private static readonly ConstructorInfo Metadata = typeof(AssemblyMetadataAttribute).GetConstructor([typeof(string), typeof(string)])!;

    /// <summary>The bytes of an assembly.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="contracts">Method and JSON of each contract.</param>
    /// <param name="version">The version of the manifest's form.</param>
    public static byte[] Of(string name, IEnumerable<(string Method, string Json)> contracts, int version = 1)
    {
        var attributes = contracts
            .Select(contract => new CustomAttributeBuilder(Metadata, [FormattableString.Invariant($"TokenBudget.Contract.{version}:{contract.Method}"), contract.Json]))
            .Append(new CustomAttributeBuilder(Metadata, ["RepositoryUrl", "https://example.com"]))
            .Append(new CustomAttributeBuilder(typeof(AssemblyTitleAttribute).GetConstructor([typeof(string)])!, ["TokenBudget.Contract.1:no"]));
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly, attributes);
        assembly.DefineDynamicModule(name);
        using var image = new MemoryStream();
        assembly.Save(image);
        return image.ToArray();
    }

    /// <summary>The JSON of a contract.</summary>
    public static string Contract(decimal? ceiling, int prompt = 10, string model = "gpt-4o", string more = "") => FormattableString.Invariant(
        $$"""{"ceilingUsd":{{(ceiling is { } usd ? usd : "null")}},"fixedUsd":{{prompt / 1_000_000m}},"fixedTokens":{"prompt":{{prompt}}},"windowTokens":8000,"inputTokens":100,"outputTokens":50,"rounds":2,"attempts":3,"model":"{{model}}"{{more}}}""");
}

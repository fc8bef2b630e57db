using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Cli.Contracts;

/// <summary>Reads the contracts that the generator put into an assembly. Nothing of the assembly is loaded or run.</summary>
internal static class AssemblyManifest
{
    /// <summary>Reads an assembly; one without agents has no contracts.</summary>
    /// <exception cref="CliException">It is no assembly, or was built with another release.</exception>
    public static ContractFile Read(string path, byte[] image)
    {
        try
        {
            using var file = new PEReader(ImmutableArray.Create(image));
            if (!file.HasMetadata || file.GetMetadataReader() is not { IsAssembly: true } metadata)
                throw new CliException(NoAssembly(path));
            return Read(path, metadata);
        }
        catch (Exception exception) when (exception is BadImageFormatException or FormatException or ArgumentOutOfRangeException or OverflowException)
        {
            throw new CliException(NoAssembly(path));
        }
    }

    private static string NoAssembly(string path) => $"{path}: this is no .NET assembly, or a damaged one. The host of an application has its assembly (.dll) beside it.";

    private static ContractFile Read(string path, MetadataReader metadata)
    {
        var assembly = metadata.GetAssemblyDefinition();
        var name = metadata.GetString(assembly.Name);
        var contracts = new SortedDictionary<string, Contract>(StringComparer.Ordinal);
        foreach (var handle in assembly.GetCustomAttributes())
        {
            if (KeyAndValue(metadata, metadata.GetCustomAttribute(handle)) is not ({ } key, { } json) || !key.StartsWith(ContractManifest.AnyVersion, StringComparison.Ordinal))
                continue;
            if (!key.StartsWith(ContractManifest.Prefix, StringComparison.Ordinal))
                throw new CliException($"{path}: it was built with another release of TokenBudget than this tool is of. Update the older of them.");
            var contract = new Contract(name, key[ContractManifest.Prefix.Length..], ContractFacts.Read(json), json);
            contracts[contract.Key] = contract;
        }

        return new ContractFile(path, name, [.. contracts.Values]);
    }

    /// <summary>The two texts of an <c>AssemblyMetadata</c> attribute; null for any other.</summary>
    private static (string? Key, string? Value)? KeyAndValue(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference
            || metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is not { Kind: HandleKind.TypeReference } parent)
            return null;
        var type = metadata.GetTypeReference((TypeReferenceHandle)parent);
        if (!metadata.StringComparer.Equals(type.Name, "AssemblyMetadataAttribute") || !metadata.StringComparer.Equals(type.Namespace, "System.Reflection"))
            return null;
        var value = metadata.GetBlobReader(attribute.Value);
        const ushort Prolog = 1;
        return value.ReadUInt16() == Prolog ? (value.ReadSerializedString(), value.ReadSerializedString()) : null;
    }
}

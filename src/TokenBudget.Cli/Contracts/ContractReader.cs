using System.Text;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Cli.Contracts;

/// <summary>Reads the contracts of assemblies and lock files, told apart by what is in them.</summary>
internal static class ContractReader
{
    private const string StandardInput = "-";

    /// <summary>Whether a file is an assembly or begins like a lock file; or is called so, where there is none.</summary>
    public static bool Holds(string path)
    {
        if (!File.Exists(path))
            return Path.GetExtension(path) is ".dll" or ".json";
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[64];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return IsImage(start[..read]) || Encoding.UTF8.GetString(start[..read]).TrimStart('\uFEFF', ' ', '\t', '\r', '\n').StartsWith('{');
    }

    /// <summary>Reads an assembly or a lock file; - is a lock file from standard input, where nothing is a file without contracts.</summary>
    /// <exception cref="CliException">It is neither.</exception>
    public static async Task<ContractFile> ReadAsync(string path, CliEnvironment environment, CancellationToken cancellationToken)
    {
        if (path == StandardInput)
        {
            using var input = new StreamReader(environment.Input, Encoding.UTF8, leaveOpen: true);
            var text = await input.ReadToEndAsync(cancellationToken);
            // What git shows of a file that a branch does not have yet.
            return string.IsNullOrWhiteSpace(text) ? new ContractFile(path, Assembly: null, []) : Lock(path, text);
        }

        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        return IsImage(bytes) ? AssemblyManifest.Read(path, bytes) : Lock(path, Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF'));
    }

    /// <summary>Reads an assembly.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static async Task<ContractFile> ReadAssemblyAsync(string path, CancellationToken cancellationToken) =>
        AssemblyManifest.Read(path, await File.ReadAllBytesAsync(path, cancellationToken));

    private static bool IsImage(ReadOnlySpan<byte> bytes) => bytes.StartsWith("MZ"u8);

    private static ContractFile Lock(string path, string text)
    {
        try
        {
            var contracts = LockFile.Read(text).Contracts.Select(contract =>
                new Contract(contract.Assembly, contract.Method, contract.Facts, contract.Json, LineOf(text, contract.Start)));
            return new ContractFile(path, Assembly: null, [.. contracts.OrderBy(static contract => contract.Key, StringComparer.Ordinal)]);
        }
        catch (JsonTreeException exception)
        {
            throw new CliException(FormattableString.Invariant($"{path}({LineOf(text, exception.At)}): {exception.Message}."));
        }
    }

    private static int LineOf(string text, int at) => text.AsSpan(0, at).Count('\n') + 1;
}

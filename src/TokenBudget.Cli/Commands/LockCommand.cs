using System.CommandLine;
using TokenBudget.Cli.Contracts;
using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget lock ASSEMBLY…</c>: keeps the contracts of built assemblies in a file, which later builds are compared with.</summary>
internal static class LockCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var assemblies = new Argument<string[]>("ASSEMBLY")
        {
            Description = "Built assemblies (.dll). They are only read, nothing in them is run.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = $"The lock file. {LockFile.FileName} of this folder unless told. Lines of assemblies that are not given stay as they are.",
            HelpName = "FILE",
            DefaultValueFactory = static _ => LockFile.FileName,
        };
        var check = new Option<bool>("--check") { Description = $"Write nothing; exit with {ExitCodes.Different} where the file is not what would be written." };
        var command = new Command("lock", "Writes the contracts of built agents to a lock file.") { assemblies, output, check };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(output);
            var built = await BuiltAsync(parsed.GetRequiredValue(assemblies), cancellationToken);
            var names = built.Select(static assembly => assembly.Assembly).ToHashSet(StringComparer.Ordinal);
            var before = await ReadAsync(path, environment, cancellationToken);
            var after = built.SelectMany(static assembly => assembly.Contracts).ToList();
            if (after.Count == 0 && before is null)
                throw new CliException($"There is no contract in {string.Join(", ", built.Select(static assembly => assembly.Path))}: nothing was generated for an agent in it, or by a release before contracts.");
            var comparison = new ContractComparison([.. (before ?? []).Where(contract => names.Contains(contract.Assembly))], after);
            await PrintAsync(comparison, environment.Out);
            if (parsed.GetValue(check))
                return await CheckAsync(path, isThere: before is not null, comparison, environment);
            await WriteAsync(path, after.Concat((before ?? []).Where(contract => !names.Contains(contract.Assembly))), cancellationToken);
            await environment.Out.WriteLineAsync(FormattableString.Invariant($"{path}: {after.Count} methods{(comparison.Differences.Count == 0 ? ", as before" : $"; {comparison.Summary}")}."));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task<List<ContractFile>> BuiltAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var built = new List<ContractFile>();
        foreach (var path in paths)
        {
            var assembly = await ContractReader.ReadAssemblyAsync(path, cancellationToken);
            if (built.Find(other => other.Assembly == assembly.Assembly) is { } twice)
                throw new CliException($"{twice.Path} and {path} are both {assembly.Assembly}. Give one of them.");
            built.Add(assembly);
        }

        return built;
    }

    /// <summary>The file as it is; null where there is none that can be read. It is made of the assemblies, so one that is broken is no reason to stop.</summary>
    private static async Task<IReadOnlyList<Contract>?> ReadAsync(string path, CliEnvironment environment, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return (await ContractReader.ReadAsync(path, environment, cancellationToken)).Contracts;
        }
        catch (CliException exception)
        {
            await environment.Error.WriteLineAsync($"{exception.Message} Lines of assemblies that are not given are lost.");
            return null;
        }
    }

    private static async Task PrintAsync(ContractComparison comparison, TextWriter output)
    {
        var names = new ContractNames(comparison.Before.Concat(comparison.After));
        foreach (var difference in comparison.Differences)
            await output.WriteLineAsync($"{difference.Word,-8} {names[difference.Newest]}: {difference.Text}");
    }

    private static async Task<int> CheckAsync(string path, bool isThere, ContractComparison comparison, CliEnvironment environment)
    {
        if (isThere && comparison.Differences.Count == 0)
        {
            await environment.Out.WriteLineAsync(FormattableString.Invariant($"{path}: {comparison.After.Count} methods, all as agreed."));
            return ExitCodes.Ok;
        }

        await environment.Error.WriteLineAsync(isThere
            ? $"{path} is not what was built: {comparison.Summary}. If that is meant, run the same without --check and commit the file."
            : $"{path} is not there, or cannot be read. Run the same without --check and commit the file.");
        return ExitCodes.Different;
    }

    /// <summary>Beside the file first, and then in its place: whoever stops in between leaves the old one whole.</summary>
    private static async Task WriteAsync(string path, IEnumerable<Contract> contracts, CancellationToken cancellationToken)
    {
        var aside = path + ".new";
        await File.WriteAllTextAsync(aside, LockFile.Write(contracts.Select(static contract => KeyValuePair.Create(contract.Key, contract.Json))), cancellationToken);
        File.Move(aside, path, overwrite: true);
    }
}

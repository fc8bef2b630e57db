using System.Collections.Immutable;
using System.IO;
using Microsoft.CodeAnalysis.Text;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Generators.Analyzers.Agents;

/// <summary>The lock file of a project, as the rules see it.</summary>
internal sealed class LockReading
{
    private readonly AdditionalText _file;
    private readonly SourceText? _text;

    private LockReading(AdditionalText file, CancellationToken cancellationToken)
    {
        _file = file;
        _text = file.GetText(cancellationToken);
        try
        {
            Contracts = _text is null ? null : LockFile.Read(_text.ToString());
            Problem = _text is null ? "it cannot be opened" : null;
        }
        catch (JsonTreeException exception)
        {
            Problem = exception.Message;
            ProblemLocation = LocationOf(exception.At, exception.At);
        }
    }

    /// <summary>What it says; null where it cannot be read.</summary>
    public LockFile? Contracts { get; }

    /// <summary>Why it cannot be read.</summary>
    public string? Problem { get; }

    /// <summary>Where that shows.</summary>
    public Location ProblemLocation { get; } = Location.None;

    /// <summary>Its name, without folders.</summary>
    public string Name => Path.GetFileName(_file.Path);

    /// <summary>
    /// The lock file among the files of a project; null without one. The package marks the one that <c>TokenBudgetLockFile</c> names; one that a project adds by itself is known by its name.
    /// </summary>
    public static LockReading? Of(AnalyzerOptions options, CancellationToken cancellationToken)
    {
        var file = options.AdditionalFiles.FirstOrDefault(file => IsMarked(file, options)) ?? options.AdditionalFiles.FirstOrDefault(IsNamed);
        return file is null ? null : new LockReading(file, cancellationToken);
    }

    /// <summary>Whether this is its file.</summary>
    public bool Is(AdditionalText file) => ReferenceEquals(file, _file);

    /// <summary>What a code fix needs to know to write a method's line.</summary>
    /// <param name="key">What the line begins with.</param>
    /// <param name="contract">The contract; null for a method that is gone.</param>
    public ImmutableDictionary<string, string?> PropertiesOf(string key, string? contract)
    {
        var properties = ImmutableDictionary<string, string?>.Empty.Add(ContractProperties.File, _file.Path).Add(ContractProperties.Key, key);
        return contract is null ? properties : properties.Add(ContractProperties.Contract, contract);
    }

    /// <summary>A place in the file.</summary>
    public Location LocationOf(int start, int end)
    {
        var span = TextSpan.FromBounds(start, end);
        return Location.Create(_file.Path, span, _text!.Lines.GetLinePositionSpan(span));
    }

    private static bool IsMarked(AdditionalText file, AnalyzerOptions options) =>
        options.AnalyzerConfigOptionsProvider.GetOptions(file).TryGetValue("build_metadata.AdditionalFiles.TokenBudgetLock", out var mark)
        && mark.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static bool IsNamed(AdditionalText file) => string.Equals(Path.GetFileName(file.Path), LockFile.FileName, StringComparison.OrdinalIgnoreCase);
}

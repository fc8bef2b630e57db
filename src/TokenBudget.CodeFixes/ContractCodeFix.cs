using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Contracts.Locking;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.CodeFixes;

/// <summary>TB0120, TB0121: writes the contract as it is now into the lock file, as the tool would after a build.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ContractCodeFix), DocumentKinds = [nameof(TextDocumentKind.Document), nameof(TextDocumentKind.AdditionalDocument)]), Shared]
public sealed class ContractCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [DiagnosticIds.CeilingRose, DiagnosticIds.ContractChanged];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => new OfAll();

    /// <inheritdoc/>
    public override Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (var diagnostic in context.Diagnostics)
            context.RegisterCodeFix(Agree(context.TextDocument.Project.Solution, [diagnostic]), diagnostic);
        return Task.CompletedTask;
    }

    private static CodeAction Agree(Solution solution, IEnumerable<Diagnostic> diagnostics) => CodeAction.Create(
        "Agree to this contract in the lock file", cancellationToken => AgreeAsync(solution, diagnostics, cancellationToken), nameof(ContractCodeFix));

    private static async Task<Solution> AgreeAsync(Solution solution, IEnumerable<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        foreach (var file in diagnostics.GroupBy(static diagnostic => diagnostic.Properties[ContractProperties.File]))
        {
            var changes = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var properties in file.Select(static diagnostic => diagnostic.Properties))
                changes[properties[ContractProperties.Key]!] = properties.TryGetValue(ContractProperties.Contract, out var contract) ? contract : null;
            // One file may be kept by several projects.
            foreach (var document in solution.Projects.SelectMany(static project => project.AdditionalDocuments).Where(document => document.FilePath == file.Key).ToList())
                if (Changed(await document.GetTextAsync(cancellationToken).ConfigureAwait(false), changes) is { } text)
                    solution = solution.WithAdditionalDocumentText(document.Id, text);
        }

        return solution;
    }

    /// <summary>The file with the changes; null where it cannot be read any more.</summary>
    private static SourceText? Changed(SourceText text, Dictionary<string, string?> changes)
    {
        try
        {
            return SourceText.From(LockFile.Change(text.ToString(), changes), text.Encoding, text.ChecksumAlgorithm);
        }
        catch (JsonTreeException)
        {
            return null;
        }
    }

    /// <summary>All at once: two that each write the same file cannot be merged.</summary>
    private sealed class OfAll : FixAllProvider
    {
        public override IEnumerable<FixAllScope> GetSupportedFixAllScopes() => [FixAllScope.Document, FixAllScope.Project, FixAllScope.Solution];

        public override async Task<CodeAction?> GetFixAsync(FixAllContext context)
        {
            var diagnostics = context.Scope == FixAllScope.Document && context.Document is { } document
                ? await context.GetDocumentDiagnosticsAsync(document).ConfigureAwait(false)
                : await OfProjectsAsync(context).ConfigureAwait(false);
            return Agree(context.Solution, diagnostics);
        }

        private static async Task<ImmutableArray<Diagnostic>> OfProjectsAsync(FixAllContext context)
        {
            var diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();
            foreach (var project in context.Scope == FixAllScope.Solution ? context.Solution.Projects : [context.Project])
                if (project.Language == LanguageNames.CSharp)
                    diagnostics.AddRange(await context.GetAllDiagnosticsAsync(project).ConfigureAwait(false));
            return diagnostics.ToImmutable();
        }
    }
}

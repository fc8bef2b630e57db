using TokenBudget.Models;

namespace TokenBudget.Cli.Models;

/// <summary>What an import made of a price sheet.</summary>
/// <param name="Models">The models, by provider and id.</param>
/// <param name="Remarks">What was left out or decided, one sentence each, for whoever runs the import.</param>
internal sealed record PriceSheetImport(IReadOnlyList<ModelInfo> Models, IReadOnlyList<string> Remarks);

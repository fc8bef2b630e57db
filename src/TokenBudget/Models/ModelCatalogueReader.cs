namespace TokenBudget.Models;

/// <summary>Reads <c>models.json</c>.</summary>
internal static class ModelCatalogueReader
{
    public static IEnumerable<ModelInfo> Read(Stream json) => throw new NotImplementedException();
}

using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace TokenBudget.Models;

/// <summary>Context sizes and prices of models, by id. Immutable; <see cref="With"/> makes a larger one.</summary>
public sealed class ModelCatalogue
{
    private static readonly Lazy<ModelCatalogue> Embedded = new(LoadEmbedded);
    private readonly FrozenDictionary<string, ModelInfo> _models;

    /// <summary>A catalogue of some models; of two with the same id the later one counts.</summary>
    /// <param name="models">The models.</param>
    public ModelCatalogue(IEnumerable<ModelInfo> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        var byId = new Dictionary<string, ModelInfo>(StringComparer.OrdinalIgnoreCase);
        foreach (var model in models)
            byId[model.Id] = model;
        _models = byId.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The catalogue that ships with the package.</summary>
    public static ModelCatalogue Default => Embedded.Value;

    /// <summary>All models, in no particular order.</summary>
    public IReadOnlyCollection<ModelInfo> Models => _models.Values;

    /// <summary>Reads a catalogue in the form of the package's own <c>models.json</c>.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <exception cref="FormatException">The text is not such a catalogue; the message says where.</exception>
    public static ModelCatalogue Load(Stream json) => new(ModelCatalogueReader.Read(json));

    /// <summary>This catalogue with models added or replaced.</summary>
    /// <param name="models">The models; they win over those of the same id.</param>
    public ModelCatalogue With(params IEnumerable<ModelInfo> models) => new(_models.Values.Concat(models));

    /// <summary>Looks a model up. Ids compare without regard to case.</summary>
    /// <param name="modelId">The id.</param>
    /// <param name="model">The model, when it is known.</param>
    public bool TryGet(string modelId, [NotNullWhen(true)] out ModelInfo? model) => _models.TryGetValue(modelId, out model);

    /// <summary>Looks a model up.</summary>
    /// <param name="modelId">The id.</param>
    /// <exception cref="UnknownPriceException">The catalogue does not have it.</exception>
    public ModelInfo Get(string modelId) => TryGet(modelId, out var model) ? model : throw new UnknownPriceException(modelId);

    private static ModelCatalogue LoadEmbedded()
    {
        using var stream = typeof(ModelCatalogue).Assembly.GetManifestResourceStream("TokenBudget.models.json")!;
        return Load(stream);
    }
}

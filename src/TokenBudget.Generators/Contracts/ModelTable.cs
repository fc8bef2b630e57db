using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Contracts;

/// <summary>The models a build knows: the package's own catalogue, and what the project adds in a file of the same form.</summary>
internal sealed class ModelTable
{
    /// <summary>The name of such a file, among the project's <c>AdditionalFiles</c>.</summary>
    public const string FileName = "tokenbudget.models.json";

    private static readonly Lazy<ModelTable> Embedded = new(static () => new ModelTable(ReadEmbedded()));

    private readonly Dictionary<string, KnownModel> _models;

    private ModelTable(Dictionary<string, KnownModel> models) => _models = models;

    /// <summary>The package's own catalogue.</summary>
    public static ModelTable Shipped => Embedded.Value;

    /// <summary>The catalogue with what the project adds; its models replace those of the same id.</summary>
    public static ModelTable Of(ImmutableArray<AdditionalText> files) =>
        Of(files.Where(static file => IsCatalogue(file.Path)).Select(static file => file.GetText()?.ToString()));

    /// <summary>The same for a generator: it stays the same object until such a file is edited.</summary>
    public static IncrementalValueProvider<ModelTable> Of(IncrementalValuesProvider<AdditionalText> files) => files
        .Where(static file => IsCatalogue(file.Path))
        .Select(static (file, cancellationToken) => file.GetText(cancellationToken)?.ToString())
        .Collect()
        .Select(static (texts, _) => Of(texts));

    private static ModelTable Of(IEnumerable<string?> texts)
    {
        Dictionary<string, KnownModel>? models = null;
        foreach (var text in texts)
            if (text is not null)
                Add(text, models ??= new Dictionary<string, KnownModel>(Shipped._models, StringComparer.OrdinalIgnoreCase));
        return models is null ? Shipped : new ModelTable(models);
    }

    /// <summary>A model by its id, without regard to case; null when it is not known.</summary>
    public KnownModel? Find(string? id) => id is not null && _models.TryGetValue(id, out var model) ? model : null;

    private static bool IsCatalogue(string path) =>
        path.EndsWith(FileName, StringComparison.OrdinalIgnoreCase) && (path.Length == FileName.Length || path[path.Length - FileName.Length - 1] is '/' or '\\');

    private static Dictionary<string, KnownModel> ReadEmbedded()
    {
        var models = new Dictionary<string, KnownModel>(StringComparer.OrdinalIgnoreCase);
        using var stream = typeof(ModelTable).Assembly.GetManifestResourceStream("TokenBudget.models.json")!;
        using var reader = new StreamReader(stream);
        Add(reader.ReadToEnd(), models);
        return models;
    }

    /// <summary>What is not a catalogue adds nothing: at run time it is refused with the line that is wrong.</summary>
    private static void Add(string json, Dictionary<string, KnownModel> models)
    {
        try
        {
            if (JsonTree.Read(json) is Dictionary<string, object?> root && root.TryGetValue("models", out var listed) && listed is List<object?> list)
                foreach (var item in list)
                    if (item is Dictionary<string, object?> fields && ModelOf(fields) is { } model)
                        models[model.Id] = model;
        }
        catch (FormatException)
        {
        }
    }

    private static KnownModel? ModelOf(Dictionary<string, object?> fields)
    {
        if (Field<string>(fields, "id") is not { } id)
            return null;
        Dictionary<string, object?>? newest = null;
        foreach (var entry in Field<List<object?>>(fields, "prices") ?? [])
            if (entry is Dictionary<string, object?> prices && (newest is null || string.CompareOrdinal(Field<string>(prices, "from") ?? "", Field<string>(newest, "from") ?? "") > 0))
                newest = prices;
        var rates = new List<KnownRates>();
        KnownPrice? price = null;
        if (newest is not null)
        {
            price = new KnownPrice(Field<string>(newest, "from"), Number(newest, "input") ?? 0, Number(newest, "output") ?? 0);
            rates.Add(RatesOf(newest));
            foreach (var tier in Field<List<object?>>(newest, "tiers") ?? [])
                if (tier is Dictionary<string, object?> prices)
                    rates.Add(RatesOf(prices));
            rates.Sort(static (left, right) => left.AboveInputTokens.CompareTo(right.AboveInputTokens));
        }

        return new KnownModel(id, Field<string>(fields, "provider") ?? "", Number(fields, "maxInput"), Number(fields, "maxOutput"), Number(fields, "minCacheable") ?? 0, rates) { Price = price };
    }

    private static KnownRates RatesOf(Dictionary<string, object?> prices)
    {
        var input = Number(prices, "input") ?? 0;
        var output = Number(prices, "output") ?? 0;
        foreach (var name in new[] { "cacheRead", "cacheWrite", "cacheWrite1h" })
            input = Math.Max(input, Number(prices, name) ?? 0);
        foreach (var name in new[] { "reasoning", "audioOutput" })
            output = Math.Max(output, Number(prices, name) ?? 0);
        return new KnownRates(Number(prices, "above") ?? 0, input, output);
    }

    private static T? Field<T>(Dictionary<string, object?> fields, string name)
        where T : class => fields.TryGetValue(name, out var value) ? value as T : null;

    private static long? Number(Dictionary<string, object?> fields, string name) =>
        fields.TryGetValue(name, out var value) && value is decimal and >= 0 and <= long.MaxValue ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;
}

using System.CommandLine;
using TokenBudget.Models;

namespace TokenBudget.Cli.Commands;

/// <summary>The option that adds models to the catalogue of the package, and the look-up that names it when a model is missing.</summary>
internal static class CatalogueOption
{
    public static Option<FileInfo?> Create() => new("--catalogue")
    {
        Description = "A file of the form of models.json; its models are added to the built-in ones and win over them.",
        HelpName = "FILE",
    };

    /// <summary>The built-in catalogue with the models of a file added.</summary>
    /// <exception cref="CliException">The file is not there or is not a catalogue.</exception>
    public static ModelCatalogue Load(FileInfo? file)
    {
        if (file is null)
            return ModelCatalogue.Default;
        try
        {
            using var stream = file.OpenRead();
            return ModelCatalogue.Default.With(ModelCatalogue.Load(stream).Models);
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{file}: {exception.Message}");
        }
    }

    /// <summary>A model of the catalogue.</summary>
    /// <exception cref="CliException">It is not there; the message says how to add it.</exception>
    public static ModelInfo Find(ModelCatalogue catalogue, string id)
    {
        if (catalogue.TryGet(id, out var model))
            return model;
        var close = catalogue.Models
            .Select(static model => model.Id)
            .Where(other => other.Contains(id, StringComparison.OrdinalIgnoreCase) || id.Contains(other, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Take(5)
            .ToList();
        throw new CliException($"Unknown model '{id}'.{(close.Count > 0 ? $" Did you mean {string.Join(", ", close)}?" : "")} {WayToAdd(id)}");
    }

    /// <summary>A model of the catalogue that has a price for a day.</summary>
    /// <exception cref="CliException">The model or its price is not there; the message says how to add it.</exception>
    public static ModelInfo FindPriced(ModelCatalogue catalogue, string id, DateTimeOffset at)
    {
        var model = Find(catalogue, id);
        try
        {
            model.PricesAt(at);
            return model;
        }
        catch (UnknownPriceException)
        {
            throw new CliException(FormattableString.Invariant($"No price of '{id}' is known for {at:yyyy-MM-dd}. {WayToAdd(id)}"));
        }
    }

    private static string WayToAdd(string id) =>
        $$"""To add it, put it in a file like {"models":[{"id":"{{id}}","provider":"…","prices":[{"input":3000000,"output":15000000}]}]} """ +
        "(pico-dollars per token: 3000000 is $3 per million) and pass --catalogue FILE.";
}

using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TokenBudget.Models;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget models show ID [--at DATE]</c>: what the catalogue knows of a model, in dollars per million tokens.</summary>
internal static class ModelsShowCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var id = new Argument<string>("ID") { Description = "The model's id, for example claude-sonnet-4-5." };
        var catalogue = CatalogueOption.Create();
        var at = DateOption.Create("Only the prices of that day (UTC), as yyyy-MM-dd. Left out: the prices of every date.");
        var command = new Command("show", "Shows a model's sizes and prices.") { id, at, catalogue };
        command.SetAction(parsed =>
        {
            var model = CatalogueOption.Find(CatalogueOption.Load(parsed.GetValue(catalogue)), parsed.GetRequiredValue(id));
            Show(model, parsed.GetValue(at) is { } date ? [model.PricesAt(date)] : model.Prices, environment.Out);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Show(ModelInfo model, IReadOnlyList<ModelPrices> prices, TextWriter output)
    {
        output.WriteLine($"{model.Id} ({model.Provider})");
        output.WriteLine($"Input up to {Tokens(model.MaxInputTokens)}, output up to {Tokens(model.MaxOutputTokens)}; prompt cache from {Tokens(model.MinCacheableTokens)}.");
        if (prices.Count == 0)
        {
            output.WriteLine("No price is known.");
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumn("$ per million tokens");
        foreach (var header in new[] { "input", "cache read", "cache write", "cache write 1 h", "output", "reasoning", "audio input", "audio cache read", "audio output" })
            table.AddColumn(new TableColumn(header).RightAligned());
        foreach (var price in prices)
        {
            AddRow(table, price.From is { } from ? FormattableString.Invariant($"from {from:yyyy-MM-dd}") : "since ever", price.Rates);
            foreach (var tier in price.Tiers)
                AddRow(table, FormattableString.Invariant($"  above {tier.AboveInputTokens:N0} input tokens"), tier.Rates);
        }

        PlainConsole.Over(output).Write(table);
    }

    private static void AddRow(Table table, string label, TokenRates rates) => table.AddRow(
        label,
        PerMillion(rates.Input),
        PerMillion(rates.CacheRead),
        PerMillion(rates.CacheWrite5Minutes),
        PerMillion(rates.CacheWrite1Hour),
        PerMillion(rates.Output),
        PerMillion(rates.Reasoning),
        PerMillion(rates.AudioInput ?? rates.Input),
        PerMillion(rates.AudioCacheRead ?? rates.CacheRead),
        PerMillion(rates.AudioOutput ?? rates.Output));

    private static string PerMillion(long picoDollarsPerToken) => (picoDollarsPerToken / 1_000_000m).ToString("0.######", CultureInfo.InvariantCulture);

    private static string Tokens(int? count) => count is > 0 ? FormattableString.Invariant($"{count:N0} tokens") : "an unknown number of tokens";
}

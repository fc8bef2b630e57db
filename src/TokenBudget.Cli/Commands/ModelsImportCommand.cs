using System.CommandLine;
using TokenBudget.Cli.Models;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget models import FILE [--output FILE]</c>: makes <c>models.json</c> of a price sheet.</summary>
internal static class ModelsImportCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var sheet = new Argument<FileInfo>("FILE") { Description = "The price sheet: litellm's and genai-prices' values per model, in dollars per token." };
        var output = new Option<FileInfo?>("--output", "-o") { Description = "The catalogue to write. Left out: standard output.", HelpName = "FILE" };
        var command = new Command("import", "Makes a models.json of a price sheet. What was decided on the way is listed on standard error.") { sheet, output };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(parsed.GetRequiredValue(sheet), parsed.GetValue(output), environment, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo sheet, FileInfo? output, CliEnvironment environment, CancellationToken cancellationToken)
    {
        PriceSheetImport import;
        try
        {
            await using var stream = sheet.OpenRead();
            import = PriceSheetReader.Read(stream);
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{sheet}: {exception.Message}");
        }

        var text = ModelCatalogueWriter.Write(import.Models);
        if (output is null)
            await environment.Out.WriteAsync(text.AsMemory(), cancellationToken);
        else
            await File.WriteAllTextAsync(output.FullName, text, cancellationToken);

        foreach (var remark in import.Remarks)
            await environment.Error.WriteLineAsync(remark);
        await environment.Error.WriteLineAsync(FormattableString.Invariant($"{import.Models.Count} models, {text.Length:N0} characters."));
        return ExitCodes.Ok;
    }
}

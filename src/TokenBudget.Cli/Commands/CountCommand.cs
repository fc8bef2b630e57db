using System.CommandLine;
using System.Text;
using TokenBudget.Counting;
using TokenBudget.Tokenization;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget count FILE…</c>: the tokens of text files, as <c>wc</c> counts words, or of one field of each line of JSONL files.</summary>
internal static class CountCommand
{
    private const string StandardInput = "-";
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Command Create(CliEnvironment environment)
    {
        var files = new Argument<string[]>("FILE") { Description = "UTF-8 text files; - is standard input. A byte order mark is not counted.", Arity = ArgumentArity.OneOrMore };
        var encoding = EncodingOption.Create("The encoding to count with; o200k_base unless told.");
        var model = new Option<string?>("--model") { Description = "The model to count for.", HelpName = "ID" };
        var field = new Option<string?>("--jsonl")
        {
            Description = "Counts this field of each line of JSONL files; message.content is inside another, messages.0 the first of an array. What is not a string counts as JSON.",
            HelpName = "FIELD",
        };
        var cost = new Option<bool>("--cost") { Description = "Adds the price at the input rate of --model, without any cache." };
        var catalogue = CatalogueOption.Create();
        var command = new Command("count", "Counts the tokens of files.") { files, encoding, model, field, cost, catalogue };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var id = parsed.GetValue(model);
            if (parsed.GetValue(encoding) is not null && id is not null)
                throw new CliException("--encoding and --model exclude each other: a model has its own encoding.");
            if (parsed.GetValue(cost) && id is null)
                throw new CliException("--cost needs --model: a price belongs to a model.");
            var now = environment.Clock.GetUtcNow();
            var priced = parsed.GetValue(cost) ? CatalogueOption.FindPriced(CatalogueOption.Load(parsed.GetValue(catalogue)), id!, now) : null;
            var count = id is null
                ? Exactly(Tokenizer.ForEncoding(parsed.GetValue(encoding) ?? EncodingOption.Default))
                : await ForModelAsync(id, parsed.GetValue(catalogue), environment);
            var report = new CountReport(environment.Out, count, priced, now);
            var lines = parsed.GetValue(field) is { } path ? new JsonLinesField(path) : null;
            return await RunAsync(parsed.GetRequiredValue(files), lines, report, environment, cancellationToken);
        });
        return command;
    }

    private static Func<string, long> Exactly(Tokenizer tokenizer) => text => tokenizer.CountTokens(text);

    private static async Task<Func<string, long>> ForModelAsync(string id, FileInfo? catalogue, CliEnvironment environment)
    {
        if (Tokenizer.TryForModel(id, out var tokenizer))
            return Exactly(tokenizer);

        CatalogueOption.Find(CatalogueOption.Load(catalogue), id);
        var counter = new ModelCounters().For(id);
        await environment.Error.WriteLineAsync(FormattableString.Invariant(
            $"{id} has no public tokenizer: the counts are an estimate, {EncodingOption.Default} tokens times {counter.Calibration.Ratio}."));
        return text => counter.Calibration.ToProvider(counter.Messages.Count(text));
    }

    private static async Task<int> RunAsync(string[] files, JsonLinesField? field, CountReport report, CliEnvironment environment, CancellationToken cancellationToken)
    {
        var exitCode = ExitCodes.Ok;
        foreach (var file in files)
        {
            try
            {
                var text = await ReadAsync(file, environment, cancellationToken);
                if (field is null)
                    await report.AddAsync(text, file);
                else if (!await CountLinesAsync(file, text, field, report, environment, cancellationToken))
                    exitCode = ExitCodes.BadInput;
            }
            catch (DecoderFallbackException exception)
            {
                exitCode = ExitCodes.BadInput;
                await environment.Error.WriteLineAsync(FormattableString.Invariant(
                    $"{file}: not UTF-8: byte 0x{exception.BytesUnknown?.FirstOrDefault() ?? 0:X2} at offset {exception.Index}. Convert it first, for example with iconv."));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                exitCode = ExitCodes.BadInput;
                await environment.Error.WriteLineAsync($"{file}: {exception.Message}");
            }
        }

        if (files.Length > 1 || field is not null)
            await report.TotalAsync();
        return exitCode;
    }

    /// <summary>Whether every line could be counted; the others are named and passed over.</summary>
    private static async Task<bool> CountLinesAsync(
        string file, string text, JsonLinesField field, CountReport report, CliEnvironment environment, CancellationToken cancellationToken)
    {
        var allCounted = true;
        var number = 0;
        // Lines end with a line feed and nothing else: other line separators of Unicode occur inside strings.
        foreach (var line in text.Split('\n'))
        {
            cancellationToken.ThrowIfCancellationRequested();
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var label = FormattableString.Invariant($"{file}:{number}");
            try
            {
                await report.AddAsync(field.Read(line), label);
            }
            catch (CliException exception)
            {
                allCounted = false;
                await environment.Error.WriteLineAsync($"{label}: {exception.Message}");
            }
        }

        return allCounted;
    }

    private static async Task<string> ReadAsync(string file, CliEnvironment environment, CancellationToken cancellationToken)
    {
        byte[] bytes;
        if (file == StandardInput)
        {
            using var buffer = new MemoryStream();
            await environment.Input.CopyToAsync(buffer, cancellationToken);
            bytes = buffer.ToArray();
        }
        else
        {
            bytes = await File.ReadAllBytesAsync(file, cancellationToken);
        }

        var mark = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        return StrictUtf8.GetString(bytes, mark, bytes.Length - mark);
    }
}

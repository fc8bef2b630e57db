using System.CommandLine;
using System.Globalization;
using System.Text;
using TokenBudget.Counting;
using TokenBudget.Tokenization;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget count FILE…</c>: the tokens of text files, as <c>wc</c> counts words.</summary>
internal static class CountCommand
{
    private const string StandardInput = "-";
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Command Create(CliEnvironment environment)
    {
        var files = new Argument<string[]>("FILE") { Description = "UTF-8 text files; - is standard input. A byte order mark is not counted.", Arity = ArgumentArity.OneOrMore };
        var encoding = EncodingOption.Create("The encoding to count with; o200k_base unless told.");
        var model = new Option<string?>("--model") { Description = "The model to count for.", HelpName = "ID" };
        var catalogue = CatalogueOption.Create();
        var command = new Command("count", "Counts the tokens of files.") { files, encoding, model, catalogue };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(encoding) is not null && parsed.GetValue(model) is not null)
                throw new CliException("--encoding and --model exclude each other: a model has its own encoding.");
            var count = parsed.GetValue(model) is { } id
                ? await ForModelAsync(id, parsed.GetValue(catalogue), environment)
                : Exactly(Tokenizer.ForEncoding(parsed.GetValue(encoding) ?? EncodingOption.Default));
            return await RunAsync(parsed.GetRequiredValue(files), count, environment, cancellationToken);
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

    private static async Task<int> RunAsync(string[] files, Func<string, long> count, CliEnvironment environment, CancellationToken cancellationToken)
    {
        var exitCode = ExitCodes.Ok;
        var total = 0L;
        foreach (var file in files)
        {
            try
            {
                var tokens = count(await ReadAsync(file, environment, cancellationToken));
                total += tokens;
                await WriteAsync(tokens, file);
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

        if (files.Length > 1)
            await WriteAsync(total, "total");
        return exitCode;

        Task WriteAsync(long tokens, string label) =>
            environment.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{tokens,10} {label}"));
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

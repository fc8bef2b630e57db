using System.Globalization;
using System.IO.Compression;

namespace TokenBudget.Cli.Requests;

/// <summary>
/// A recorded load: a CSV file, plain or compressed (<c>.gz</c>), whose header names <c>seconds_from_start</c>, <c>input_tokens</c> and
/// <c>output_tokens</c>, and whose rows are in order of arrival. Other columns are passed over.
/// </summary>
/// <remarks>One row is in memory at a time.</remarks>
internal sealed class RequestTrace(string path)
{
    private const string Time = "seconds_from_start";
    private const string Input = "input_tokens";
    private const string Output = "output_tokens";

    // Thirty years: far from where ticks end, and more than a trace has.
    private const decimal MostSeconds = 1_000_000_000;

    public string Path => path;

    /// <summary>The file's name without its folder and endings.</summary>
    public string Name
    {
        get
        {
            var name = System.IO.Path.GetFileName(path);
            foreach (var ending in new[] { ".gz", ".csv" })
                if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                    name = name[..^ending.Length];
            return name;
        }
    }

    /// <summary>Reads the requests.</summary>
    /// <exception cref="CliException">The file is not there, damaged or not a trace; the message names the line.</exception>
    public IEnumerable<TracedRequest> Read()
    {
        using var lines = new StreamReader(Open());
        var columns = TraceColumns.Find(ReadLine(lines, 1) ?? throw Bad(1, "the file is empty"), Time, Input, Output, problem => Bad(1, problem));
        var requests = 0;
        var last = 0L;
        for (var number = 2; ReadLine(lines, number) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (!columns.TrySplit(line))
                throw Bad(number, FormattableString.Invariant($"the row has other columns than the header, which has {columns.Count}"));
            var arrived = ParseTime(columns.First(line), number);
            if (arrived < last)
                throw Bad(number, FormattableString.Invariant($"the request arrived at {Seconds(arrived)} s, before the one above it ({Seconds(last)} s); sort the rows by {Time}"));
            last = arrived;
            yield return new TracedRequest(
                requests++,
                arrived,
                ParseTokens(columns.Second(line), Input, number),
                ParseTokens(columns.Third(line), Output, number));
        }

        if (requests == 0)
            throw Bad(1, "the trace has a header, but no requests");
    }

    /// <summary>The mean of the tokens that arrive in a minute, from the first request to the last.</summary>
    /// <exception cref="CliException">As <see cref="Read"/>, and when all requests arrive at once.</exception>
    public double MeanTokensPerMinute()
    {
        var tokens = 0m;
        var first = -1L;
        var last = 0L;
        foreach (var request in Read())
        {
            tokens += request.TotalTokens;
            first = first < 0 ? request.Arrived : first;
            last = request.Arrived;
        }

        return last > first
            ? (double)(tokens * TimeSpan.TicksPerMinute / (last - first))
            : throw new CliException($"{path}: all requests arrive at once, so there is no mean per minute. Give --tokens-per-minute.");
    }

    private static decimal Seconds(long ticks) => (decimal)ticks / TimeSpan.TicksPerSecond;

    private Stream Open()
    {
        try
        {
            var file = File.OpenRead(path);
            return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException($"{path}: there is no such file.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path}: {exception.Message}");
        }
    }

    private string? ReadLine(StreamReader lines, int number)
    {
        try
        {
            return lines.ReadLine();
        }
        catch (InvalidDataException exception)
        {
            throw Bad(number, $"the compressed data is damaged: {exception.Message}");
        }
        catch (IOException exception)
        {
            throw Bad(number, exception.Message);
        }
    }

    private long ParseTime(ReadOnlySpan<char> text, int line)
    {
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
            throw Bad(line, $"{Time} is '{text}', which is not a number");
        if (seconds is < 0 or > MostSeconds)
            throw Bad(line, FormattableString.Invariant($"{Time} is {seconds}, but must be between 0 and {MostSeconds}"));
        return (long)decimal.Round(seconds * TimeSpan.TicksPerSecond);
    }

    private long ParseTokens(ReadOnlySpan<char> text, string column, int line)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var tokens))
            throw Bad(line, $"{column} is '{text}', which is not a whole number");
        return tokens is >= 0 and <= int.MaxValue
            ? tokens
            : throw Bad(line, FormattableString.Invariant($"{column} is {tokens}, but must be between 0 and {int.MaxValue}"));
    }

    private CliException Bad(int line, string problem) => new(FormattableString.Invariant($"{path}, line {line}: {problem}."));
}

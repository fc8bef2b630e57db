using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace TokenBudget.Cli.Requests;

/// <summary>Prints what the replays came to: a table, or one JSON object a line and replay.</summary>
internal sealed class RequestReplayReport(TextWriter output, bool asJson)
{
    private readonly List<(string Trace, RequestReplaySetting Setting, RequestReplayResult Result)> _rows = [];

    public void Add(string trace, RequestReplaySetting setting, RequestReplayResult result)
    {
        if (asJson)
            output.WriteLine(Json(trace, setting, result));
        else
            _rows.Add((trace, setting, result));
    }

    /// <summary>Prints the table, whose columns are as wide as the widest of all rows.</summary>
    public void Finish()
    {
        if (_rows.Count == 0)
            return;
        var limitsRequests = _rows.Exists(static row => row.Setting.RequestsPerMinute is not null);
        var table = new Table().Border(TableBorder.Simple).AddColumn("trace").AddColumn("mode").AddColumn("estimate").AddColumn("held");
        foreach (var header in new[] { "limit", "worst 60 s", "over", "requests", "refused", "utilisation", "wait p50", "p95", "p99", "oracle's p50", "p95", "p99" })
            table.AddColumn(new TableColumn(header).RightAligned());
        if (limitsRequests)
            table.AddColumn(new TableColumn("request limit").RightAligned()).AddColumn(new TableColumn("worst 60 s").RightAligned());
        foreach (var (trace, setting, result) in _rows)
        {
            List<string> cells =
            [
                Markup.Escape(trace),
                setting.ModeName,
                setting.EstimateName,
                setting.HoldName,
                Number(setting.TokensPerMinute),
                Number(result.WorstMinute),
                Number(Math.Max(0, result.WorstMinute - setting.TokensPerMinute)),
                Number(result.Requests),
                Number(result.Refused),
                (100 * result.Utilisation).ToString("0.00", CultureInfo.InvariantCulture) + " %",
                .. Percentiles(result.Waits).Select(Seconds),
                .. Percentiles(result.OracleWaits).Select(Seconds),
            ];
            if (limitsRequests)
                cells.AddRange([Number(setting.RequestsPerMinute!.Value), Number(result.WorstMinuteRequests)]);
            table.AddRow([.. cells]);
        }

        PlainConsole.Over(output).Write(table);
    }

    private static string Json(string trace, RequestReplaySetting setting, RequestReplayResult result)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("trace", trace);
            json.WriteString("mode", setting.ModeName);
            json.WriteString("estimate", setting.EstimateName);
            json.WriteString("hold", setting.HoldName);
            json.WriteNumber("tokensPerMinute", setting.TokensPerMinute);
            if (setting.RequestsPerMinute is { } requestsPerMinute)
                json.WriteNumber("requestsPerMinute", requestsPerMinute);
            json.WriteNumber("timeToFirstTokenSeconds", setting.Service.FirstToken.TotalSeconds);
            json.WriteNumber("outputTokensPerSecond", setting.Service.OutputTokensPerSecond);
            json.WriteNumber("requests", result.Requests);
            json.WriteNumber("admitted", result.Admitted);
            json.WriteNumber("refused", result.Refused);
            json.WriteNumber("worstMinuteTokens", result.WorstMinuteTokens);
            json.WriteNumber("worstMinuteTokensAsBooked", result.WorstMinuteBooked);
            json.WriteNumber("worstMinuteRequests", result.WorstMinuteRequests);
            json.WriteNumber("tokensOver", Math.Max(0, result.WorstMinute - setting.TokensPerMinute));
            json.WriteNumber("secondsOver", Math.Round(result.TimeOver.TotalSeconds, 3));
            json.WriteNumber("utilisation", Math.Round(result.Utilisation, 6));
            json.WriteNumber("lastAdmittedSeconds", Math.Round(result.End.TotalSeconds, 3));
            json.WriteNumber("oracleLastAdmittedSeconds", Math.Round(result.OracleEnd.TotalSeconds, 3));
            Write(json, "waitSeconds", result.Waits);
            Write(json, "oracleWaitSeconds", result.OracleWaits);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter json, string name, WaitTimes waits)
    {
        json.WriteStartObject(name);
        foreach (var percent in new[] { 50, 95, 99 })
            json.WriteNumber(FormattableString.Invariant($"p{percent}"), Math.Round(waits.Percentile(percent).TotalSeconds, 3));
        json.WriteNumber("max", Math.Round(waits.Percentile(100).TotalSeconds, 3));
        json.WriteEndObject();
    }

    private static IEnumerable<TimeSpan> Percentiles(WaitTimes waits) => new[] { 50, 95, 99 }.Select(waits.Percentile);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan value) => value.TotalSeconds.ToString("N1", CultureInfo.InvariantCulture) + " s";
}

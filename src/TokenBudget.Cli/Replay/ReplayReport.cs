using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using TokenBudget.Counting;

namespace TokenBudget.Cli.Replay;

/// <summary>Prints what a replay came to: a table, or one JSON object a line and setting.</summary>
internal sealed class ReplayReport(string modelId, ModelCounter counter, bool asJson, bool withCache = false)
{
    public void Write(int conversations, IEnumerable<ReplayTotals> totals, TextWriter output)
    {
        if (asJson)
        {
            foreach (var policy in totals)
                output.WriteLine(Json(conversations, policy));
            return;
        }

        output.WriteLine(FormattableString.Invariant($"{conversations:N0} conversations priced as {modelId}.{Estimate()}"));
        var table = new Table().Border(TableBorder.Simple).AddColumn("policy");
        foreach (var header in new[]
        {
            "requests", "refused", "input", "cached", "output", "cost", "recall", "largest request", "shortened", "too large", "saved", "%", "against sliding", "%",
        })
            table.AddColumn(new TableColumn(header).RightAligned());
        foreach (var header in CacheHeaders)
            table.AddColumn(new TableColumn(header).RightAligned());
        foreach (var policy in totals)
        {
            table.AddRow([
                policy.Setting.Name,
                Number(policy.Requests),
                Number(policy.Refused),
                Number(policy.Usage.TotalInput),
                Number(policy.Usage.CacheRead),
                Number(policy.Usage.TotalOutput),
                Dollars(policy.Cost.Dollars),
                policy.Recall.ToString("0.0000", CultureInfo.InvariantCulture),
                Number(policy.LargestRequest),
                Number(policy.Shortened),
                Number(policy.TooLarge),
                Dollars(policy.Saved.Dollars),
                Percent(policy.SavedPercent),
                Dollars(policy.SavedAgainstSliding.Dollars),
                Percent(policy.SavedAgainstSlidingPercent),
                .. CacheCells(policy),
            ]);
        }

        PlainConsole.Over(output).Write(table);
    }

    private string[] CacheHeaders => withCache ? ["hits", "%", "avoided tokens", "avoided", "%"] : [];

    private string[] CacheCells(ReplayTotals policy) => withCache
        ?
        [
            Number(policy.CacheHits), Percent(policy.HitPercent), Number(policy.AvoidedUsage.Total), Dollars(policy.AvoidedCost.Dollars), Percent(policy.AvoidedPercent),
        ]
        : [];

    private string Estimate() => counter.Calibration.Ratio == 1
        ? ""
        : FormattableString.Invariant($" It has no public tokenizer: tokens are o200k_base times {counter.Calibration.Ratio}.");

    private string Json(int conversations, ReplayTotals totals)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("policy", totals.Setting.PolicyName);
            if (totals.Setting.Policy != ReplayPolicy.Unbounded)
                json.WriteNumber("maxContextTokens", totals.Setting.MaxTokens);
            if (totals.Setting.Policy == ReplayPolicy.Economic)
                json.WriteNumber("trimToTokens", totals.Setting.LowMark);
            if (totals.Setting is { Policy: not ReplayPolicy.Unbounded, MaxMessages: > 0 })
                json.WriteNumber("maxMessages", totals.Setting.MaxMessages);
            if (totals.Setting is { Policy: not ReplayPolicy.Unbounded, KeptResults: { } kept })
                json.WriteNumber("keptResults", kept);
            json.WriteString("model", modelId);
            json.WriteNumber("tokenRatio", counter.Calibration.Ratio);
            json.WriteNumber("conversations", conversations);
            json.WriteNumber("requests", totals.Requests);
            json.WriteNumber("refused", totals.Refused);
            json.WriteNumber("inputTokens", totals.Usage.TotalInput);
            json.WriteNumber("cachedTokens", totals.Usage.CacheRead);
            if (totals.Setting.Policy != ReplayPolicy.Unbounded)
                json.WriteNumber("predictedCachedTokens", totals.PredictedCacheRead);
            json.WriteNumber("writtenTokens", totals.Usage.CacheWrite5Minutes);
            json.WriteNumber("freshTokens", totals.Usage.FreshInput);
            json.WriteNumber("outputTokens", totals.Usage.TotalOutput);
            json.WriteNumber("largestRequest", totals.LargestRequest);
            json.WriteNumber("shortened", totals.Shortened);
            if (totals.Setting is { Policy: not ReplayPolicy.Unbounded, KeptResults: not null })
                json.WriteNumber("cleared", totals.Cleared);
            json.WriteNumber("tooLarge", totals.TooLarge);
            json.WriteNumber("costUsd", totals.Cost.Dollars);
            json.WriteNumber("referencesUsed", totals.ReferencesUsed);
            json.WriteNumber("referencesSent", totals.ReferencesSent);
            json.WriteNumber("recall", Math.Round(totals.Recall, 6));
            json.WriteNumber("savedUsd", totals.Saved.Dollars);
            json.WriteNumber("savedPercent", totals.SavedPercent);
            json.WriteNumber("savedAgainstSlidingUsd", totals.SavedAgainstSliding.Dollars);
            json.WriteNumber("savedAgainstSlidingPercent", totals.SavedAgainstSlidingPercent);
            if (withCache)
            {
                json.WriteNumber("cacheHits", totals.CacheHits);
                json.WriteNumber("cacheHitPercent", totals.HitPercent);
                json.WriteNumber("avoidedTokens", totals.AvoidedUsage.Total);
                json.WriteNumber("avoidedUsd", totals.AvoidedCost.Dollars);
                json.WriteNumber("avoidedPercent", totals.AvoidedPercent);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static string Percent(decimal value) => value.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Dollars(decimal value) => (value < 0 ? "-$" : "$") + Math.Abs(value).ToString("N4", CultureInfo.InvariantCulture);
}

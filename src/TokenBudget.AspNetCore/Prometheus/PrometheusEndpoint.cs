using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using TokenBudget.AspNetCore.Monitoring;
using TokenBudget.Costs;
using TokenBudget.RateLimiting;

namespace TokenBudget.AspNetCore.Prometheus;

/// <summary><c>GET /metrics</c>: the meter, and what holds now as gauges.</summary>
/// <param name="runtime">What is told of.</param>
/// <param name="maxValues">How many values a label may have, besides <see cref="LabelBound.Other"/>.</param>
internal sealed class PrometheusEndpoint(TokenBudgetRuntime runtime, int maxValues) : IDisposable
{
    private readonly MeterReader _meter = new(runtime.Telemetry, maxValues);

    public Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        return context.Response.WriteAsync(Write(), context.RequestAborted);
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>What an instrument is called here: its unit at its end, and a counter says so.</summary>
    internal static string FamilyOf(Instrument instrument)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "USD" => "_usd",
            _ => string.Empty,
        };
        return PrometheusText.Name(instrument.Name) + unit + (instrument is Histogram<double> ? string.Empty : "_total");
    }

    private string Write()
    {
        var text = new PrometheusText();
        foreach (var (instrument, labels, series) in _meter.Read())
            Add(text, instrument, labels, series);
        AddLimits(text);
        AddBudgets(text);
        var cache = runtime.Cache.GetStatistics();
        Gauge("tokenbudget_cache_entries", "Answers in the response cache.", string.Empty, cache.Entries);
        Gauge("tokenbudget_cache_bytes", "Bytes in the response cache.", string.Empty, cache.Bytes);
        Gauge("tokenbudget_cache_max_bytes", "Bytes the response cache may hold.", string.Empty, cache.MaxBytes);
        Gauge("tokenbudget_cache_second_level_paused", "Whether the second level of the response cache is not asked.", string.Empty, cache.SecondLevelPaused ? 1 : 0);
        Gauge("tokenbudget_ledger_failing", "Whether the ledger refuses lines.", string.Empty, runtime.Costs.IsLedgerFailing ? 1 : 0);
        Gauge("tokenbudget_ledger_unwritten_lines", "Lines that are not written.", string.Empty, runtime.Costs.UnwrittenEntries);
        AddContexts(text);
        return text.ToString();

        void Gauge(string name, string help, string labels, double value) => text.Add(name, "gauge", help, labels, value);
    }

    private static void Add(PrometheusText text, Instrument instrument, string labels, Series series)
    {
        var (sum, count, buckets) = series.Read();
        var name = FamilyOf(instrument);
        var help = instrument.Description ?? string.Empty;
        if (!series.IsHistogram)
        {
            text.Add(name, "counter", help, labels, sum);
            return;
        }

        for (var bound = 0; bound < buckets.Length; bound++)
            text.Add(name, "histogram", help, With("le", PrometheusText.Number(Series.Bounds[bound])), buckets[bound], "_bucket");
        text.Add(name, "histogram", help, With("le", "+Inf"), count, "_bucket");
        text.Add(name, "histogram", help, labels, sum, "_sum");
        text.Add(name, "histogram", help, labels, count, "_count");

        string With(string label, string value) => (labels.Length == 0 ? string.Empty : labels + ",") + PrometheusText.Label(label, value);
    }

    private void AddContexts(PrometheusText text)
    {
        var methods = Top.Of(runtime.Telemetry.Activity, maxValues, static method => method.NewestInputTokens, static method => LabelsOf(method.Agent, method.Method), LabelsOf(LabelBound.Other, LabelBound.Other));
        foreach (var (labels, items) in methods)
            text.Add("tokenbudget_context_tokens", "gauge", "Input tokens of the newest request; of others, of the largest of these.", labels, items.Max(static method => method.NewestInputTokens));
        foreach (var (labels, items) in methods)
            if (items.Max(static method => method.MaxInputTokens) is { } most)
                text.Add("tokenbudget_context_max_tokens", "gauge", "Input tokens a request may have.", labels, most);

        static string LabelsOf(string agent, string method) => $"{PrometheusText.Label("tokenbudget_agent", agent)},{PrometheusText.Label("tokenbudget_method", method)}";
    }

    private void AddLimits(PrometheusText text)
    {
        var limits = Top.Of(
            runtime.RateLimits,
            maxValues,
            // A queue first: whoever waits is what somebody looks for.
            static limit => limit.Waiting + LimitPressure.Of(limit).Share,
            static limit => LabelOf(limit.Name),
            LabelOf(LabelBound.Other));
        Each("tokenbudget_rate_limit_input_tokens", "Input tokens of the last minute or reserved.", static limits => limits.Sum(static limit => limit.InputTokens));
        Each("tokenbudget_rate_limit_output_tokens", "Output tokens of the last minute or reserved.", static limits => limits.Sum(static limit => limit.OutputTokens));
        Each("tokenbudget_rate_limit_requests", "Requests of the last minute.", static limits => limits.Sum(static limit => limit.Requests));
        Each("tokenbudget_rate_limit_waiting", "Callers that wait.", static limits => limits.Sum(static limit => limit.Waiting));
        Each("tokenbudget_rate_limit_open", "Requests that are open.", static limits => limits.Sum(static limit => limit.Open));
        Each("tokenbudget_rate_limit_used_ratio", "How full the fullest dimension is; 1 is full.", static limits => limits.Max(static limit => LimitPressure.Of(limit).Share));

        void Each(string name, string help, Func<List<RateLimitStatus>, double> value)
        {
            foreach (var (labels, items) in limits)
                text.Add(name, "gauge", help, labels, value(items));
        }

        static string LabelOf(string limit) => PrometheusText.Label("tokenbudget_limit", limit);
    }

    private void AddBudgets(PrometheusText text)
    {
        var budgets = Top.Of(
            runtime.Costs.GetStatus(),
            maxValues,
            // Those that take no calls first, then the fullest.
            static budget => (budget.IsPaused ? 1e9 : 0) + ShareOf(budget),
            static budget => LabelsOf(budget.Name, budget.Period.ToString()),
            LabelsOf(LabelBound.Other, LabelBound.Other));
        Each("tokenbudget_budget_settled_usd", "Dollars spent in the current period.", static budgets => Sum(budgets, static budget => budget.Settled.Dollars));
        Each("tokenbudget_budget_reserved_usd", "Dollars open calls may still spend.", static budgets => Sum(budgets, static budget => budget.Reserved.Dollars));
        Each(
            "tokenbudget_budget_limit_usd",
            "The limit of the period, with what was approved beyond it.",
            static budgets => budgets.Exists(static budget => budget.Limit is not null) ? Sum(budgets, static budget => budget.Limit is { } limit ? limit.Dollars + budget.Approved.Dollars : 0) : null);
        Each("tokenbudget_budget_paused", "How many budgets take no calls until somebody resumes them.", static budgets => budgets.Count(static budget => budget.IsPaused));

        void Each(string name, string help, Func<List<BudgetStatus>, double?> value)
        {
            foreach (var (labels, items) in budgets)
                if (value(items) is { } some)
                    text.Add(name, "gauge", help, labels, some);
        }

        static double Sum(List<BudgetStatus> budgets, Func<BudgetStatus, decimal> dollars) => (double)budgets.Sum(dollars);

        static double ShareOf(BudgetStatus budget) => budget.Limit is { Dollars: > 0 } limit ? (double)(budget.Settled.Dollars / (limit.Dollars + budget.Approved.Dollars)) : 0;

        static string LabelsOf(string budget, string period) => $"{PrometheusText.Label("tokenbudget_budget", budget)},{PrometheusText.Label("period", period)}";
    }
}

using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using TokenBudget.AspNetCore.Monitoring;
using TokenBudget.RateLimiting;

namespace TokenBudget.AspNetCore.Prometheus;

/// <summary><c>GET /metrics</c>: the meter, and what holds now as gauges.</summary>
internal sealed class PrometheusEndpoint(TokenBudgetRuntime runtime) : IDisposable
{
    private readonly MeterReader _meter = new(runtime.Telemetry);

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
        foreach (var method in runtime.Telemetry.Activity)
            Gauge("tokenbudget_context_tokens", "Input tokens of the newest request.", MethodLabels(method.Agent, method.Method), method.NewestInputTokens);
        foreach (var method in runtime.Telemetry.Activity)
            if (method.MaxInputTokens is { } most)
                Gauge("tokenbudget_context_max_tokens", "Input tokens a request may have.", MethodLabels(method.Agent, method.Method), most);
        return text.ToString();

        void Gauge(string name, string help, string labels, double value) => text.Add(name, "gauge", help, labels, value);

        static string MethodLabels(string agent, string method) => $"{PrometheusText.Label("tokenbudget_agent", agent)},{PrometheusText.Label("tokenbudget_method", method)}";
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

    private void AddLimits(PrometheusText text)
    {
        var limits = runtime.RateLimits;
        Each("tokenbudget_rate_limit_input_tokens", "Input tokens of the last minute or reserved.", static limit => limit.InputTokens);
        Each("tokenbudget_rate_limit_output_tokens", "Output tokens of the last minute or reserved.", static limit => limit.OutputTokens);
        Each("tokenbudget_rate_limit_requests", "Requests of the last minute.", static limit => limit.Requests);
        Each("tokenbudget_rate_limit_waiting", "Callers that wait.", static limit => limit.Waiting);
        Each("tokenbudget_rate_limit_open", "Requests that are open.", static limit => limit.Open);
        Each("tokenbudget_rate_limit_used_ratio", "How full the fullest dimension is; 1 is full.", static limit => LimitPressure.Of(limit).Share);

        void Each(string name, string help, Func<RateLimitStatus, double> value)
        {
            foreach (var limit in limits)
                text.Add(name, "gauge", help, PrometheusText.Label("tokenbudget_limit", limit.Name), value(limit));
        }
    }

    private void AddBudgets(PrometheusText text)
    {
        var budgets = runtime.Costs.GetStatus();
        Each("tokenbudget_budget_settled_usd", "Dollars spent in the current period.", static budget => (double)budget.Settled.Dollars);
        Each("tokenbudget_budget_reserved_usd", "Dollars open calls may still spend.", static budget => (double)budget.Reserved.Dollars);
        Each("tokenbudget_budget_limit_usd", "The limit of the period, with what was approved beyond it.", static budget => budget.Limit is { } limit ? (double)(limit.Dollars + budget.Approved.Dollars) : null);
        Each("tokenbudget_budget_paused", "Whether the budget takes no calls until somebody resumes it.", static budget => budget.IsPaused ? 1 : 0);

        void Each(string name, string help, Func<Costs.BudgetStatus, double?> value)
        {
            foreach (var budget in budgets)
                if (value(budget) is { } some)
                    text.Add(name, "gauge", help, $"{PrometheusText.Label("tokenbudget_budget", budget.Name)},{PrometheusText.Label("period", budget.Period)}", some);
        }
    }
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using TokenBudget.AspNetCore.Alerts;
using TokenBudget.AspNetCore.Metrics;

namespace TokenBudget.AspNetCore.Monitoring;

/// <summary>Looks at the runtime once a second: remembers what it sees, tells what crosses a line, and hands the numbers to those who listen. No call ever waits for it.</summary>
internal sealed partial class RuntimeMonitor : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    // Reading the numbers takes at most this share of the time.
    private const int PauseFactor = 10;

    private readonly TokenBudgetRuntime _runtime;
    private readonly AlertHub _hub;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LimitWatch _watch;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _looking;
    private int _fingerprint;
    private int _told;
    private long _nextReading;

    /// <param name="runtime">What is looked at.</param>
    /// <param name="hub">Where alerts and numbers go.</param>
    /// <param name="time">The clock on the wall; the runtime's own may run faster.</param>
    /// <param name="logger">Where a failed look is told.</param>
    public RuntimeMonitor(TokenBudgetRuntime runtime, AlertHub hub, TimeProvider time, ILogger logger)
    {
        (_runtime, _hub, _time, _logger) = (runtime, hub, time, logger);
        _watch = new LimitWatch(hub.Publish);
        Numbers = new MetricsReader(runtime, Pace);
        runtime.AlertRaised += Tell;
        _looking = LookAsync();
    }

    public SampleHistory History { get; } = new();

    public SpendingPace Pace { get; } = new();

    public MetricsReader Numbers { get; }

    public async ValueTask DisposeAsync()
    {
        _runtime.AlertRaised -= Tell;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Tell(object? sender, TokenBudgetAlert alert)
    {
        _hub.Publish(AlertText.Of(alert));
        Interlocked.Increment(ref _told);
    }

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(Beat, _time);
        try
        {
            do
            {
                try
                {
                    await LookOnceAsync().ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // A store that does not answer now may answer the next time.
                    LogFailure(exception.GetType().Name);
                }
            }
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private async Task LookOnceAsync()
    {
        var told = Volatile.Read(ref _told);
        var limits = _runtime.RateLimits;
        _runtime.Costs.OpenDeclared();
        var budgets = _runtime.Costs.GetStatus();
        var cache = _runtime.Cache.GetStatistics();
        var now = _runtime.Time.GetUtcNow();
        History.Add(_time.GetUtcNow(), limits);
        Pace.Observe(budgets, now);
        _watch.Look(limits, cache, now);
        if (!_hub.HasMetricsListeners)
        {
            // Whoever comes next is told at once.
            _fingerprint = 0;
            return;
        }

        var fingerprint = new HashCode();
        foreach (var limit in limits)
            fingerprint.Add(limit);
        foreach (var budget in budgets)
            fingerprint.Add(budget);
        fingerprint.Add(cache);
        // What began and ended between two looks leaves the numbers as they were: whoever heard of it has to see that it is over.
        fingerprint.Add(told);
        // Forecasts, and days, change with time alone.
        fingerprint.Add(now.UtcTicks / TimeSpan.TicksPerMinute);
        var started = _time.GetTimestamp();
        if (fingerprint.ToHashCode() == _fingerprint || started < _nextReading)
            return;
        var frame = new Frame(
            "metrics",
            null,
            JsonSerializer.SerializeToUtf8Bytes(new MetricsNotice(await Numbers.ReadOverviewAsync(_stop.Token).ConfigureAwait(false)), MetricsJson.Default.MetricsNotice));
        _hub.PublishMetrics(frame);
        _fingerprint = fingerprint.ToHashCode();
        _nextReading = _time.GetTimestamp() + ((_time.GetTimestamp() - started) * PauseFactor);
    }

    [LoggerMessage(1, LogLevel.Warning, "The numbers of the monitor could not be read ({Error})")]
    private partial void LogFailure(string error);
}

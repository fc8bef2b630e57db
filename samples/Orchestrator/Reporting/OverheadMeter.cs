using System.Diagnostics.Metrics;
using TokenBudget.Telemetry;

namespace Orchestrator.Reporting;

/// <summary>Listens to the library's own meter, as any exporter would, for the time it takes per model request.</summary>
internal sealed class OverheadMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<double> _seconds = [];
    private readonly int _clockFactor;

    /// <param name="clockFactor">How many times as fast the library's clock runs: what it measures of real work is too large by as much.</param>
    public OverheadMeter(int clockFactor)
    {
        _clockFactor = clockFactor;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == TokenBudgetTelemetry.Name && instrument.Name == "tokenbudget.overhead")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            lock (_seconds)
                _seconds.Add(seconds);
        });
        _listener.Start();
    }

    public TimeSpan Median
    {
        get
        {
            lock (_seconds)
                return TimeSpan.FromSeconds(_seconds.Order().ElementAtOrDefault(_seconds.Count / 2) / _clockFactor);
        }
    }

    public void Dispose() => _listener.Dispose();
}

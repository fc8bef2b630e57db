using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace TokenBudget.AspNetCore.Prometheus;

/// <summary>Adds up what the runtime's meter measures.</summary>
internal sealed class MeterReader : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> _series = new();

    /// <param name="scope">Whose meter: there may be several of one name in a process.</param>
    public MeterReader(object scope)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, scope))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Every series so far, by instrument.</summary>
    public IEnumerable<(Instrument Instrument, string Labels, Series Series)> Read() => _series
        .Select(static pair => (pair.Key.Instrument, pair.Key.Labels, pair.Value))
        .OrderBy(static found => found.Instrument.Name, StringComparer.Ordinal)
        .ThenBy(static found => found.Labels, StringComparer.Ordinal);

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _series.GetOrAdd((instrument, PrometheusText.LabelsOf(tags)), static key => new Series(key.Instrument is Histogram<double>)).Add(value);
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace TokenBudget.AspNetCore.Prometheus;

/// <summary>Adds up what the runtime's meter measures, under a bounded number of labels: names of agents, models and budgets come from code, providers and tenants.</summary>
internal sealed class MeterReader : IDisposable
{
    /// <summary>How many sets of labels an instrument with several labels may have before further ones are counted together.</summary>
    public const int MaxSeries = 500;

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), Series> _series = new();
    private readonly ConcurrentDictionary<Instrument, LabelBound> _sets = new();
    private readonly ConcurrentDictionary<string, LabelBound> _bounds = new(StringComparer.Ordinal);
    private readonly int _maxValues;

    /// <param name="scope">Whose meter: there may be several of one name in a process.</param>
    /// <param name="maxValues">How many values a label may have, besides <see cref="LabelBound.Other"/>.</param>
    public MeterReader(object scope, int maxValues)
    {
        _maxValues = maxValues;
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
        _series.GetOrAdd((instrument, LabelsOf(instrument, tags)), static key => new Series(key.Instrument is Histogram<double>)).Add(value);

    private string LabelsOf(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new KeyValuePair<string, string>[tags.Length];
        for (var index = 0; index < tags.Length; index++)
        {
            var (name, value) = tags[index];
            var bound = _bounds.GetOrAdd(name, static (_, most) => new LabelBound(most), _maxValues);
            labels[index] = new(name, bound.Of(Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty));
        }

        var own = PrometheusText.LabelsOf(labels);
        // Two bounded labels have as many pairs as their product.
        var sets = _sets.GetOrAdd(instrument, static _ => new LabelBound(MaxSeries));
        return sets.Of(own) == own ? own : PrometheusText.LabelsOf([.. labels.Select(static label => new KeyValuePair<string, string>(label.Key, LabelBound.Other))]);
    }
}

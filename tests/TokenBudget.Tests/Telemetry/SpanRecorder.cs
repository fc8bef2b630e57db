using System.Collections.Concurrent;
using System.Diagnostics;

namespace TokenBudget.Tests.Telemetry;

/// <summary>Takes the spans of one runtime, and no other's of this process.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _ended = new();

    public SpanRecorder(TokenBudgetRuntime runtime, params ActivitySource[] others)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => ReferenceEquals(source, runtime.Telemetry.Spans.Source) || others.Contains(source),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans that have ended, in that order.</summary>
    public IReadOnlyList<Activity> Ended => [.. _ended];

    /// <summary>The one span of a name.</summary>
    public Activity this[string name] => Ended.Where(span => span.DisplayName == name).ShouldHaveSingleItem(string.Join(", ", Ended.Select(static span => span.DisplayName)));

    /// <summary>Everything it says, to look for what it must not say.</summary>
    public static string TextOf(Activity span) =>
        $"{span.DisplayName} {span.OperationName} {span.StatusDescription} {string.Join(' ', span.TagObjects.Concat(span.Events.SelectMany(static told => told.Tags)).Select(static tag => $"{tag.Key}={tag.Value}"))} {string.Join(' ', span.Baggage)}";

    public void Dispose() => _listener.Dispose();
}

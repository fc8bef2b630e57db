using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls.Field;

/// <summary>What <c>UseOpenTelemetry</c> does while nobody listens: it asks, and does nothing.</summary>
internal sealed class TelemetryLayer : DelegatingChatClient
{
    private readonly ActivitySource _source = new("Experimental.Microsoft.Extensions.AI");
    private readonly Meter _meter = new("Experimental.Microsoft.Extensions.AI");
    private readonly Histogram<double> _duration;
    private readonly Histogram<int> _tokens;

    public TelemetryLayer(IChatClient inner)
        : base(inner)
    {
        _duration = _meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s");
        _tokens = _meter.CreateHistogram<int>("gen_ai.client.token.usage", "{token}");
    }

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var activity = _source.HasListeners() ? _source.StartActivity($"chat {options?.ModelId}", ActivityKind.Client) : null;
        var watch = _duration.Enabled ? Stopwatch.StartNew() : null;
        ChatResponse? response = null;
        try
        {
            return response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (watch is not null)
                _duration.Record(watch.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("gen_ai.request.model", options?.ModelId));
            if (_tokens.Enabled && response?.Usage is { } usage)
            {
                _tokens.Record((int)(usage.InputTokenCount ?? 0), new KeyValuePair<string, object?>("gen_ai.token.type", "input"));
                _tokens.Record((int)(usage.OutputTokenCount ?? 0), new KeyValuePair<string, object?>("gen_ai.token.type", "output"));
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
            _meter.Dispose();
        }

        base.Dispose(disposing);
    }
}

using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using TokenBudget.Telemetry;

namespace Orchestrator.Web;

/// <summary>Metrics and traces, exported to where OpenTelemetry's own variables say.</summary>
internal sealed class TelemetryExport : IDisposable
{
    /// <summary>A span for each step of the session; below it the agent's calls, their requests of a model, and what goes over the wire.</summary>
    public static readonly ActivitySource Steps = new("Orchestrator");

    private readonly MeterProvider _metrics = Sdk.CreateMeterProviderBuilder().AddMeter(TokenBudgetTelemetry.Name).AddOtlpExporter().Build();
    // The budget's own, and what .NET itself traces: requests that are sent, and requests that come in.
    private readonly TracerProvider _traces = Sdk.CreateTracerProviderBuilder().AddSource(Steps.Name, TokenBudgetTelemetry.Name, "System.Net.Http", "Microsoft.AspNetCore").AddOtlpExporter().Build();

    private TelemetryExport()
    {
    }

    /// <summary>Starts to export when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set: by gRPC, for example <c>http://127.0.0.1:4317</c>, or with <c>OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf</c> by HTTP.</summary>
    public static TelemetryExport? Start() => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT")) ? null : new TelemetryExport();

    /// <summary>Sends what is not sent yet.</summary>
    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }
}

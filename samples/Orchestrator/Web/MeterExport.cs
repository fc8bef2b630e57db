using OpenTelemetry;
using OpenTelemetry.Metrics;
using TokenBudget.Telemetry;

namespace Orchestrator.Web;

/// <summary>The library's meter, exported to where OpenTelemetry's own variables say.</summary>
internal static class MeterExport
{
    /// <summary>Starts to export when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, for example <c>http://127.0.0.1:4317</c>.</summary>
    public static MeterProvider? Start() => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"))
        ? null
        : Sdk.CreateMeterProviderBuilder().AddMeter(TokenBudgetTelemetry.Name).AddOtlpExporter().Build();
}

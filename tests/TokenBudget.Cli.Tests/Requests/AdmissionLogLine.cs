using System.Text;
using System.Text.Json;

namespace TokenBudget.Cli.Tests.Requests;

/// <summary>A line of the log, as whoever checks it reads it.</summary>
internal sealed record AdmissionLogLine(int Id, double Arrived, double Admitted, long Reserved, long Settled)
{
    public static IReadOnlyList<AdmissionLogLine> ReadAll(byte[] log) =>
        [.. Encoding.UTF8.GetString(log).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonSerializer.Deserialize<AdmissionLogLine>(line, JsonSerializerOptions.Web)!)];
}

using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>What tests of the verdict have in common.</summary>
internal static class VerdictSample
{
    public static IEnumerable<int> Numbers(SimulatorVerdict verdict, SimulatorFindingKind kind) => verdict.Of(kind).Select(finding => finding.Request!.Number);

    public static Task<Simulation> OneAMinute() => Simulation.StartAsync(options => options with { Limits = new SimulatedLimits { RequestsPerMinute = 1 } });

    public static string Chat(string model, params (string Role, string Text)[] messages) =>
        $$"""{"model":"{{model}}","max_tokens":100,"messages":{{JsonSerializer.Serialize(messages.Select(message => new { role = message.Role, content = message.Text }))}}}""";

    public static string Stream(string body) => body.Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal);
}

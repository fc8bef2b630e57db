using System.Reflection;
using Microsoft.Extensions.AI;
using TokenBudget.Configuration;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>Compiles a source with what is generated for it, loads it and runs its <c>Scenario.RunAsync</c> against a scripted client.</summary>
internal static class Scenario
{
    public static async Task<(string Result, RecordingClient Client)> RunAsync(string source, params string[] replies)
    {
        var run = GeneratorRun.Of(source);
        using var image = new MemoryStream();
        run.Output.Emit(image).Success.ShouldBeTrue();
        var entry = Assembly.Load(image.ToArray()).GetType("Scenario")!.GetMethod("RunAsync")!;

        var client = new RecordingClient(replies);
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions { AllowUnknownPrices = true });
        return (await (Task<string>)entry.Invoke(null, [client, runtime])!, client);
    }
}

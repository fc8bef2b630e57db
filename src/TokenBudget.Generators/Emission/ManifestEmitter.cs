using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Contracts.Locking;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>Writes the contracts into the assembly, where a tool reads them without running it.</summary>
internal static class ManifestEmitter
{
    public static void Emit(SourceWriter writer, AgentModel model, ClassFacts facts, ModelTable models)
    {
        var calls = model.Members.OfType<CallModel>().ToList();
        foreach (var call in calls)
        {
            var contract = MethodContract.Of(model.Interface, call, facts.Of(call), models);
            writer.Line($"[assembly: {Names.AssemblyMetadata}({PolicyEmitter.Quote(ContractManifest.Prefix + contract.Method)}, {PolicyEmitter.Quote(contract.Json)})]");
        }

        if (calls.Count > 0)
            writer.Line();
    }
}

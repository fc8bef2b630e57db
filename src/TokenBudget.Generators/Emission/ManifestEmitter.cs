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
        var names = MethodNames.Of(model.Interface, calls);
        for (var i = 0; i < calls.Count; i++)
        {
            var contract = MethodContract.Of(names[i], calls[i], facts.Of(calls[i]), models);
            writer.Line($"[assembly: {Names.AssemblyMetadata}({PolicyEmitter.Quote(ContractManifest.Prefix + contract.Method)}, {PolicyEmitter.Quote(contract.Json)})]");
        }

        if (calls.Count > 0)
            writer.Line();
    }
}

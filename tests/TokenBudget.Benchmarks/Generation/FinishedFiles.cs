using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace TokenBudget.Benchmarks.Generation;

/// <summary>A generator that has its files from the start and looks at nothing: what the compiler's driver itself takes to hand on so many.</summary>
internal sealed class FinishedFiles(int count) : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var text = SourceText.From("// Nothing.", Encoding.UTF8);
        var files = context.CompilationProvider.Select(static (_, _) => 0).SelectMany((_, _) => Enumerable.Range(0, count));
        context.RegisterSourceOutput(files, (output, number) => output.AddSource($"Project.IAgent{number}.g.cs", text));
    }
}

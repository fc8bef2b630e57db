using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>A check that cannot fail is none.</summary>
public sealed class PipelineObjectsTests
{
    [Fact]
    public void A_symbol_is_found_wherever_it_hides()
    {
        var compilation = TestCompilation.Create("public interface IA;");
        var symbol = compilation.GetTypesByMetadataName("IA").Single();
        foreach (var hidden in new object[] { symbol, new List<object> { symbol }, (1, symbol), new Holder<Compilation>(compilation), symbol.Locations[0] })
            Should.Throw<InvalidOperationException>(() => PipelineObjects.Walk(hidden, "value", [])).Message.ShouldContain("keeps a compilation alive");
        PipelineObjects.Walk(new Holder<string>("text"), "value", []);
    }

    private sealed record Holder<T>(T Value);
}

using TokenBudget.Testing;

namespace TokenBudget.Wire.Tests.Documented;

/// <summary>What the page about testing shows is what runs here.</summary>
public sealed class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs/policies/testing.md")).ReplaceLineEndings("\n");

    [Fact]
    public void The_example_is_the_file_beside_this_one()
    {
        var source = File.ReadAllText(Repository.PathOf("tests/TokenBudget.Wire.Tests/Documented/SupportAgentTests.cs")).ReplaceLineEndings("\n");

        Block("```csharp\n").ShouldBe(source);
    }

    [Fact]
    public void The_matrix_is_the_one_that_is_run() => Page.ShouldContain(FaultMatrixTests.Table());

    [Fact]
    public void The_table_has_a_row_for_every_finding()
    {
        foreach (var kind in Enum.GetNames<SimulatorFindingKind>())
            Page.ShouldContain($"| `{kind}` |");
    }

    private static string Block(string fence)
    {
        var start = Page.IndexOf(fence, StringComparison.Ordinal) + fence.Length;
        return Page[start..Page.IndexOf("```", start, StringComparison.Ordinal)];
    }
}

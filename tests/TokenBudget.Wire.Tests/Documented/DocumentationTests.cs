using TokenBudget.Testing;

namespace TokenBudget.Wire.Tests.Documented;

/// <summary>What the page about testing shows is what runs here.</summary>
public sealed class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs/policies/testing.md")).ReplaceLineEndings("\n");

    [Fact]
    public void The_example_is_the_test_beside_this_one()
    {
        var source = File.ReadAllText(Repository.PathOf("tests/TokenBudget.Wire.Tests/Documented/SupportAgentTests.cs")).ReplaceLineEndings("\n");
        var start = Page.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        var example = Page[start..Page.IndexOf("```", start, StringComparison.Ordinal)];

        example.Split('\n').Length.ShouldBeInRange(15, 25);
        // The page leaves out the class around it.
        var indented = string.Join('\n', example.TrimEnd().Split('\n').Select(static line => line.Length == 0 ? line : $"    {line}"));
        source.ShouldContain(indented);
    }

    [Fact]
    public void The_table_has_a_row_for_every_finding()
    {
        foreach (var kind in Enum.GetNames<SimulatorFindingKind>())
            Page.ShouldContain($"| `{kind}` |");
    }
}

namespace TokenBudget.Architecture.Tests;

public sealed class RoomTests
{
    [Fact]
    public void No_arrow_runs_up()
    {
        var rooms = new RoomCompilation();

        rooms.Errors.ShouldBeEmpty();
        rooms.ArrowsUp.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Costs/Probe.cs", "using TokenBudget.Calls; namespace TokenBudget.Costs; internal sealed class Probe;", "TokenBudget.Calls")]
    [InlineData("Costs/Probe.cs", "namespace TokenBudget.Costs; internal sealed class Probe { TokenBudgetRuntime? _up; }", "TokenBudget.TokenBudgetRuntime")]
    [InlineData("Costs/Probe.cs", "namespace TokenBudget.Costs; internal sealed class Probe { global::TokenBudget.Windowing.ContextWindow? _up; }", "TokenBudget.Windowing.ContextWindow")]
    [InlineData("Costs/Probe.cs", "namespace TokenBudget.Costs; internal sealed class Probe { Windowing.ContextWindow? _up; }", "TokenBudget.Windowing.ContextWindow")]
    [InlineData("Costs/Probe.cs", "using Up = TokenBudget.Windowing.ContextWindow; namespace TokenBudget.Costs; internal sealed class Probe { Up? _up; }", "TokenBudget.Windowing.ContextWindow")]
    [InlineData("Models/Probe.cs", "namespace TokenBudget.Models; internal sealed class Probe { string _up = nameof(Costs.TokenUsage); }", "TokenBudget.Costs.TokenUsage")]
    [InlineData("ProbeException.cs", "using TokenBudget.Models; namespace TokenBudget; internal sealed class ProbeException { Usd _up; }", "TokenBudget.Models.Usd")]
    public void An_arrow_up_is_found_however_it_is_written(string path, string source, string what)
    {
        var rooms = new RoomCompilation((path, source));

        rooms.Errors.ShouldBeEmpty();
        rooms.ArrowsUp.ShouldContain(arrow => arrow.StartsWith(path, StringComparison.Ordinal) && arrow.Contains($"-> {what} (", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_that_is_not_in_the_design_is_refused() =>
        Should.Throw<KeyNotFoundException>(static () => Rooms.OfFile("Helpers/Everything.cs"));
}

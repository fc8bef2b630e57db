using TokenBudget.Configuration;
using TokenBudget.Routing;

namespace TokenBudget.Tests.Routing;

/// <summary>Which model a request goes to.</summary>
public sealed class ModelRouterTests
{
    private static readonly BudgetSettings All = new() { WhenSimple = "small", WhenBudgetIsLow = "cheap", WhenOverloaded = "other" };

    private static string Choose(BudgetSettings settings, long tokens, bool tools = false, double pressure = 0, params string[] overloaded) =>
        new ModelRouter(settings, model => overloaded.Contains(model)).Choose("own", new RouteFacts(tokens, tools, pressure)).Model;

    [Theory]
    [InlineData(1_000, false, 0, "", "small")]
    [InlineData(1_001, false, 0, "", "own")]
    [InlineData(1_000, true, 0, "", "own")]
    [InlineData(5_000, true, 0.79, "", "own")]
    [InlineData(5_000, true, 0.80, "", "cheap")]
    [InlineData(10, false, 0.80, "", "cheap")]
    [InlineData(10, false, double.PositiveInfinity, "own", "other")]
    [InlineData(5_000, false, 0, "own", "other")]
    [InlineData(5_000, false, 0, "own other", "own")]
    [InlineData(10, false, 0, "small", "own")]
    public void What_would_fail_comes_before_what_is_dear_before_what_is_simple(long tokens, bool tools, double pressure, string overloaded, string expected) =>
        Choose(All, tokens, tools, pressure, overloaded.Split(' ')).ShouldBe(expected);

    [Fact]
    public void Thresholds_can_be_set_and_nothing_said_routes_nothing()
    {
        Choose(All with { SimpleTokens = 10 }, 11).ShouldBe("own");
        Choose(All with { LowBudgetPercent = 50 }, 5_000, pressure: 0.5).ShouldBe("cheap");
        Choose(BudgetSettings.Unset, 0, pressure: 9, overloaded: "own").ShouldBe("own");
        new ModelRouter(BudgetSettings.Unset, static _ => false).HasRoutes.ShouldBeFalse();
        new ModelRouter(All with { WhenSimple = "OWN" }, static _ => false).Choose("own", default).Reason.ShouldBe(RouteReason.None);
    }

    [Fact]
    public void An_overload_is_remembered_for_a_minute()
    {
        var time = new VirtualTimeProvider();
        var overloads = new ModelOverloads(time);
        overloads.Note("Own");
        time.Advance(TimeSpan.FromSeconds(59));
        overloads.IsOverloaded("own").ShouldBeTrue();
        overloads.IsOverloaded("other").ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        overloads.IsOverloaded("own").ShouldBeFalse();
    }
}

using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Generation;

public sealed class SettingsTests
{
    [Fact]
    public void Method_over_interface_over_base_over_assembly() => Snapshot.ShouldMatch(GeneratorRun.Of("""
        [assembly: TokenBudget(MaxContextTokens = 1, MaxMessages = 1, MaxOutputTokens = 1, MaxRounds = 1)]
        [assembly: RateLimited(LimitName = "all", TokensPerMinute = 5_000_000_000)]
        [assembly: CostTracked(LimitUsd = 0.1, Period = BudgetPeriod.Month)]

        namespace Contoso;

        [TokenBudget(MaxMessages = 2, MaxOutputTokens = 2, MaxRounds = 2)]
        public interface IBase { }

        public interface IInherited
        {
            [TokenBudget(MaxRounds = 4)] Task<string> InheritedAsync(string q);
        }

        [ChatAgent]
        [TokenBudget(MaxOutputTokens = 3, MaxRounds = 3), Cached(TtlMinutes = 9)]
        public interface IAgent : IInherited
        {
            [TokenBudget(MaxRounds = 0, Window = WindowPolicy.Economic), Cached(Scope = CacheScope.Tenant)]
            [CostTracked(BudgetName = "own \"one\"", LimitUsd = 1e-7)]
            Task<string> OwnAsync(string q);
        }
        """).Files["Contoso.IAgent.g.cs"]);

    [Fact]
    public void Several_limits_in_dollars_stand_side_by_side()
    {
        var file = GeneratorRun.Of("""
            [ChatAgent]
            [CostTracked(LimitUsd = 10, BudgetName = "support", Per = BudgetScope.Shared)]
            [CostTracked(LimitUsd = 100, Period = BudgetPeriod.Month, AtLimit = AtLimit.Pause)]
            [CostTracked(LimitUsd = 1.5, Per = BudgetScope.Tenant)]
            [CostTracked(Per = BudgetScope.Model)]
            [RoutedTo(WhenSimple = "small", SimpleTokens = 500, WhenBudgetIsLow = "cheap", LowBudgetPercent = 90, WhenOverloaded = "other")]
            public interface IAgent
            {
                [CostTracked(LimitUsd = 0.5, Per = BudgetScope.Tenant), CostTracked(LimitUsd = 20)] Task<string> AskAsync(string q);
            }
            """).File;
        file.ShouldContain("LimitUsd = 20m,");
        file.ShouldContain("BudgetName = \"support\",");
        file.ShouldContain("AtLimit = global::TokenBudget.AtLimit.Pause,");
        file.ShouldContain(
            "CostLimits = [new global::TokenBudget.Configuration.CostLimit(global::TokenBudget.BudgetScope.Tenant, global::TokenBudget.BudgetPeriod.Day, 0.5m), "
            + "new global::TokenBudget.Configuration.CostLimit(global::TokenBudget.BudgetScope.Shared, global::TokenBudget.BudgetPeriod.Month, 100m)],");
        file.ShouldContain("WhenSimple = \"small\",");
        file.ShouldContain("LowBudgetPercent = 90,");
        file.ShouldContain("$20 a day; $0.5 a day for each tenant; $100 a month");
    }

    [Theory]
    [InlineData("TokenBudget(MaxRounds = -1)")]
    [InlineData("CostTracked(LimitUsd = double.NaN)")]
    [InlineData("CostTracked(LimitUsd = double.PositiveInfinity)")]
    [InlineData("CostTracked(LimitUsd = 1e300)")]
    public void An_impossible_value_is_left_out(string attribute) => GeneratorRun.Of($$"""
        [ChatAgent, {{attribute}}] public interface IAgent { Task<string> AskAsync(string q); }
        """).File.ShouldNotContain("Settings");

    [Fact]
    public void An_enum_value_without_a_name_is_kept() => GeneratorRun.Of("""
        [ChatAgent, TokenBudget(Window = (WindowPolicy)9)] public interface IAgent { Task<string> AskAsync(string q); }
        """).File.ShouldContain("Window = (global::TokenBudget.WindowPolicy)(9)");
}

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

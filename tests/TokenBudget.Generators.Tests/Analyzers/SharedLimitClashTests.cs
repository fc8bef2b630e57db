using System.Globalization;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class SharedLimitClashTests
{
    private const string Other = " [ChatAgent, RateLimited(LimitName = \"l\", TokensPerMinute = 10_000), CostTracked(BudgetName = \"b\", LimitUsd = 5)] public interface IB { Task<string> AskAsync(string q); }";

    [Theory]
    [InlineData("[ChatAgent, RateLimited(LimitName = \"l\", TokensPerMinute = 10_000), CostTracked(BudgetName = \"b\", LimitUsd = 5)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent, RateLimited(LimitName = \"other\", TokensPerMinute = 9_000), CostTracked(BudgetName = \"other\", LimitUsd = 4)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent, RateLimited(TokensPerMinute = 9_000), CostTracked(BudgetName = \"b\")] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent, CostTracked(BudgetName = \"b\", LimitUsd = 5), CostTracked(LimitUsd = 1, Per = BudgetScope.Tenant)] public interface IA { Task<string> AskAsync(string q); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<SharedLimitClashAnalyzer>(source + Other);

    [Theory]
    [InlineData("RateLimited({|TB0114:LimitName = \"l\"|}, TokensPerMinute = 20_000)", "'IB.AskAsync' has the rate limit 'l' at TokensPerMinute = 20000, and 'IA.AskAsync' shares it with TokensPerMinute = 10000: the run time refuses")]
    [InlineData("RateLimited({|TB0114:LimitName = \"L\"|}, TokensPerMinute = 10_000, MaxConcurrentRequests = 3)", "MaxConcurrentRequests = 3")]
    [InlineData("CostTracked({|TB0114:BudgetName = \"b\"|}, LimitUsd = 6)", "has the budget 'b' at $6 per Day, and 'IA.AskAsync' shares it with $5 per Day")]
    [InlineData("CostTracked({|TB0114:BudgetName = \"b\"|}, LimitUsd = 5, Period = BudgetPeriod.Month)", "$5 per Month")]
    public async Task Reports_the_second_of_two(string attribute, string message)
    {
        var reports = await AnalyzerRun.ShouldReport<SharedLimitClashAnalyzer>(
            $"{Other.Replace("IB", "IA", StringComparison.Ordinal)} [ChatAgent, {attribute}] public interface IB {{ Task<string> AskAsync(string q); Task<string> TellAsync(string q); }}");
        reports.Single().GetMessage(CultureInfo.InvariantCulture).ShouldContain(message, Case.Sensitive);
        reports[0].AdditionalLocations.ShouldHaveSingleItem();
    }
}

using System.Globalization;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnreadableLockTests
{
    private const string Source = "[ChatAgent] public interface IA { Task<string> AskAsync(string q); }";

    [Theory]
    [InlineData("{\n  \"version\": 1\n}\n", null, 0)]
    [InlineData("{\n<<<<<<< HEAD\n", "No contract is compared with tokenbudget.lock.json, for it has merge conflicts. Build and write it anew with 'tokenbudget lock'.", 1)]
    [InlineData("{\n  \"version\": 7\n}\n", "No contract is compared with tokenbudget.lock.json, for it is of version 7, and this TokenBudget reads version 1. Build and write it anew with 'tokenbudget lock'.", 1)]
    [InlineData("{\n  \"version\": ", "No contract is compared with tokenbudget.lock.json, for it is not the JSON that 'tokenbudget lock' writes. Build and write it anew with 'tokenbudget lock'.", 1)]
    [InlineData(null, "No contract is compared with tokenbudget.lock.json, for it cannot be opened. Build and write it anew with 'tokenbudget lock'.", 0)]
    public async Task One_report_says_what_is_wrong_and_where_and_nothing_else_is_said(string? text, string? message, int line)
    {
        var compilation = TestCompilation.Create(Source, AnalyzerRun.References);
        TestFile file = new("/p/tokenbudget.lock.json", text);
        var reports = await AnalyzerRun.Analyze<UnreadableLockAnalyzer>(compilation, [file]);
        if (message is null)
        {
            reports.ShouldBeEmpty();
            return;
        }

        var report = reports.ShouldHaveSingleItem();
        report.GetMessage(CultureInfo.InvariantCulture).ShouldBe(message);
        if (text is not null)
            report.Location.GetLineSpan().ShouldSatisfyAllConditions(place => place.Path.ShouldBe(file.Path), place => place.StartLinePosition.Line.ShouldBe(line));
        (await AnalyzerRun.Analyze<ContractChangedAnalyzer>(compilation, [file])).ShouldBeEmpty();
        (await AnalyzerRun.Analyze<CeilingRoseAnalyzer>(compilation, [file])).ShouldBeEmpty();
    }
}

using System.Globalization;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class PastTheBudgetTests
{
    [Theory]
    [InlineData("a method that fits", "[Cached] public interface IA { Task<string> AskAsync(string q); IAsyncEnumerable<ChatResponseUpdate> TellAsync(string q); }")]
    [InlineData("what gives nothing", "[Cached] public interface IA { Task SaveAsync(string q); ValueTask FlushAsync(); }")]
    [InlineData("what gives at once", "[Cached] public interface IA { (int, string) Place(string q); void Reset(); bool TryGet(out string value); List<int> All(); }")]
    [InlineData("an interface without a policy", "public interface IA { [Cached] Task<string> AskAsync(string q); Task<(int, string)> FindAsync(string q); }")]
    [InlineData("what the client has", "[ChatAgent] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("no agent", "public interface IA { Task<(int, string)> FindAsync(string q); }")]
    public Task Says_nothing_of(string what, string source)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<PastTheBudgetAnalyzer>(source);
    }

    [Theory]
    [InlineData("[Cached] public interface IA { Task<string> AskAsync(string q); Task<(int, string)> {|TB0118:FindAsync|}(string q); }", "'FindAsync' is passed on without a budget: its answer is JSON, and")]
    [InlineData("[Cached] public interface IA { Task<Action> {|TB0118:FindAsync|}(string q); }", "its answer is JSON, and")]
    [InlineData("[CostTracked(LimitUsd = 1)] public interface IA { Task<T> {|TB0118:AskAsync|}<T>(string q); }", "it is generic; declare one method per type")]
    [InlineData("[TokenBudget(MaxContextTokens = 9)] public interface IA { IAsyncEnumerable<int> {|TB0118:CountAsync|}(string q); }", "it must return")]
    [InlineData("[Cached] public interface IA { ValueTask<string> {|TB0118:AskAsync|}(in int n); }", "take it by value")]
    [InlineData("[assembly: CostTracked(LimitUsd = 1)] public interface IA { [Cached] Task<string> AskAsync(string q); Task<(int, string)> {|TB0118:FindAsync|}(string q); }", "its answer is JSON")]
    [InlineData("public interface IBase { Task<(int, string)> FindAsync(string q); } [Cached] public interface {|TB0118:IA|} : IBase { Task<string> AskAsync(string q); }", "'FindAsync' is passed on")]
    public async Task Says_why(string source, string message) =>
        (await AnalyzerRun.ShouldReport<PastTheBudgetAnalyzer>(source)).ShouldHaveSingleItem().GetMessage(CultureInfo.InvariantCulture).ShouldContain(message);

    /// <summary>What the method itself is given must hold: that is an error, and no hint beside it.</summary>
    [Fact]
    public async Task Leaves_an_error_alone()
    {
        const string Source = "public interface IA { [Cached] Task<(int, string)> {|TB0100:FindAsync|}(string q); }";
        await AnalyzerRun.ShouldReport<CannotBeGeneratedAnalyzer>(Source);
        await AnalyzerRun.ShouldReport<PastTheBudgetAnalyzer>(Source.Replace("{|TB0100:FindAsync|}", "FindAsync", StringComparison.Ordinal));
    }
}

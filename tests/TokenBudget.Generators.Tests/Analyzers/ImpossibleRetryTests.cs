using System.Globalization;
using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class ImpossibleRetryTests
{
    [Theory]
    [InlineData("[ChatAgent, RateLimited(MaxAttempts = 5, MaxWaitSeconds = 4)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent, RateLimited(MaxAttempts = 10, MaxWaitSeconds = 61)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent, RateLimited(MaxAttempts = 50)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[ChatAgent, RateLimited(MaxWaitSeconds = 1)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[RateLimited(MaxAttempts = 1)] public interface IA { Task<string> AskAsync(string q); }")]
    [InlineData("[assembly: RateLimited(MaxAttempts = 3)] [Cached] public interface IA { Task<string> AskAsync(string q); }")]
    public Task Says_nothing(string source) => AnalyzerRun.ShouldReport<ImpossibleRetryAnalyzer>(source);

    [Theory]
    [InlineData("[ChatAgent, RateLimited({|TB0107:MaxAttempts = 10|}, MaxWaitSeconds = 20)] public interface IA { Task<string> AskAsync(string q); }", "take 60.8 s on average; with MaxWaitSeconds = 20 hardly a call gets beyond attempt 7")]
    [InlineData("[ChatAgent, RateLimited(MaxWaitSeconds = 1)] public interface IA { [RateLimited({|TB0107:MaxAttempts = 6|})] Task<string> AskAsync(string q); }", "beyond attempt 3")]
    [InlineData("public interface IA { [RateLimited({|TB0107:MaxAttempts = 2|})] Task<string> AskAsync(string q); }", "your own implementation is called once")]
    public async Task Does_the_sum(string source, string message) =>
        (await AnalyzerRun.ShouldReport<ImpossibleRetryAnalyzer>(source)).Single().GetMessage(CultureInfo.InvariantCulture).ShouldContain(message, Case.Sensitive);
}

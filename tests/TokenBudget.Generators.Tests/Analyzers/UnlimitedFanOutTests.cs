using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class UnlimitedFanOutTests
{
    [Theory]
    [InlineData("a degree", "await Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (t, c) => await client.GetResponseAsync(t));")]
    [InlineData("three at once", "string[] three = [\"a\", \"b\", \"c\"]; await Task.WhenAll(three.Select(t => client.GetResponseAsync(t)));")]
    [InlineData("so many at once", "await Task.WhenAll(items.Take(4).Select(t => client.GetResponseAsync(t)));")]
    [InlineData("something else", "await Task.WhenAll(items.Select(t => Task.Delay(1)));")]
    [InlineData("as many as there are cores", "await Parallel.ForEachAsync(items, async (t, c) => await client.GetResponseAsync(t));")]
    [InlineData("one after the other", "foreach (var t in items) await client.GetResponseAsync(t);")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("all at once", "await {|TB0025:Task.WhenAll|}(items.Select(t => client.GetResponseAsync(t)));")]
    [InlineData("tasks in a variable", "var tasks = items.Select(async t => await client.GetResponseAsync(t)).ToList(); await {|TB0025:Task.WhenAll|}(tasks);")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<UnlimitedFanOutAnalyzer>($$"""
            class C
            {
                async Task M(IChatClient client, List<string> items)
                {
                    {{code}}
                }
            }
            """);
    }
}

using TokenBudget.Benchmarks.Analyzers;
using TokenBudget.Benchmarks.Calls;
using TokenBudget.Benchmarks.Conversations;
using TokenBudget.Benchmarks.Counting;
using TokenBudget.Benchmarks.Generation;
using TokenBudget.Benchmarks.Ratios;
using TokenBudget.Benchmarks.Tokenization;

if (args is ["calibration"])
    return await CalibrationCommand.RunAsync();

if (args is ["generator"])
    return GeneratorCommand.Run();

if (args is ["analyzers"])
    return await AnalyzerSpeedCommand.RunAsync();

if (TokenizationCommands.TryRun(args))
    return 0;

var (isAsJson, only) = args switch
{
    ["ratios"] => (false, ""),
    ["ratios", "--json"] => (true, ""),
    ["ratios", "--only", { } words] => (false, words),
    ["ratios", "--json", "--only", { } words] => (true, words),
    _ => (false, null),
};
if (only is null)
{
    Console.Error.WriteLine("dotnet run -c Release --project tests/TokenBudget.Benchmarks -- ratios [--json] [--only WORDS] | calibration | generator | analyzers | tokens [cl100k_base] | cold");
    return 2;
}

// A million messages: not for those who ask for something else.
using var conversations = ConversationReadPair.Name.Contains(only, StringComparison.OrdinalIgnoreCase) ? new ConversationReadPair() : null;
RatioPair[] pairs = [RecountPair.Create(200), WindowPair.Create(200), WindowPair.Create(2_000), WindowPair.CreateUnchanged(200), LimiterPair.Create(), QueuePair.Create(), RetryPair.Create(), CostPair.Create(), .. CachePair.All(), .. conversations is null ? [] : new[] { conversations.Pair }, .. CallPairs.All(), .. TokenPairs.All()];
foreach (var pair in pairs.Where(pair => pair.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
{
    var result = RatioRunner.Measure(pair);
    Console.WriteLine(isAsJson ? result.ToJson() : result.ToString());
}

return 0;

using TokenBudget.Benchmarks.Analyzers;
using TokenBudget.Benchmarks.Calls;
using TokenBudget.Benchmarks.Conversations;
using TokenBudget.Benchmarks.Counting;
using TokenBudget.Benchmarks.Generation;
using TokenBudget.Benchmarks.Ratios;
using TokenBudget.Benchmarks.Stores;
using TokenBudget.Benchmarks.Tokenization;

if (args is ["calibration"])
    return await CalibrationCommand.RunAsync();

if (args is ["generator"])
    return GeneratorCommand.Run();

if (args is ["analyzers"])
    return await AnalyzerSpeedCommand.RunAsync();

if (args is ["layers"])
    return LayersCommand.Run();

if (args is ["prompts"])
    return PromptCountCommand.Run();

if (args is ["stores", ..] and { Length: <= 2 })
    return await StoresCommand.RunAsync(args.ElementAtOrDefault(1));

if (TokenizationCommands.TryRun(args))
    return 0;

if (args is not ["ratios", ..] || args.Skip(1).Any(static argument => argument.StartsWith('-') && argument != "--json"))
{
    Console.Error.WriteLine("dotnet run -c Release --project tests/TokenBudget.Benchmarks -- ratios [--json] [PART-OF-A-NAME]… | calibration | generator | analyzers | prompts | layers | stores [CONNECTION] | tokens [cl100k_base] | cold");
    return 2;
}

var json = args.Contains("--json");
var wanted = args.Skip(1).Where(static argument => argument != "--json").ToList();
// A million messages: not for those who ask for something else.
using var conversations = IsWanted(ConversationReadPair.Name) ? new ConversationReadPair() : null;
RatioPair[] pairs = [RecountPair.Create(200), WindowPair.Create(200), WindowPair.Create(2_000), WindowPair.CreateUnchanged(200), LimiterPair.Create(), QueuePair.Create(), RetryPair.Create(), CostPair.Create(), .. CachePair.All(), .. conversations is null ? [] : new[] { conversations.Pair }, .. CallPairs.All(), .. TokenPairs.All()];
foreach (var pair in pairs.Where(pair => IsWanted(pair.Name)))
{
    var result = RatioRunner.Measure(pair);
    Console.WriteLine(json ? result.ToJson() : result.ToString());
}

return 0;

bool IsWanted(string name) => wanted.Count == 0 || wanted.Exists(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

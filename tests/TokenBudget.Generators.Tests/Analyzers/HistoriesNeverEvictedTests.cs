using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class HistoriesNeverEvictedTests
{
    [Theory]
    [InlineData("one that removes", "readonly ConcurrentDictionary<string, List<ChatMessage>> _all = new(); void M(string id) { _all.GetOrAdd(id, _ => []); } void End(string id) => _all.TryRemove(id, out _);")]
    [InlineData("a dictionary of something else", "readonly ConcurrentDictionary<string, int> _all = new(); void M(string id) { _all.GetOrAdd(id, _ => 1); }")]
    [InlineData("a local", "void M(string id) { var all = new ConcurrentDictionary<string, List<ChatMessage>>(); all.GetOrAdd(id, _ => []); }")]
    public Task Says_nothing_of(string what, string code) => Run(what, code);

    [Theory]
    [InlineData("histories", "readonly ConcurrentDictionary<string, List<ChatMessage>> _all = new(); void M(string id) { {|TB0008:_all.GetOrAdd(id, _ => [])|}; }")]
    [InlineData("histories by index", "readonly Dictionary<string, List<ChatMessage>> _all = new(); void M(string id) { {|TB0008:_all[id] = []|}; }")]
    [InlineData("objects that have one", "readonly Dictionary<string, Session> _all = new(); void M(string id) { {|TB0008:_all.Add(id, new())|}; }")]
    public Task Reports(string what, string code) => Run(what, code);

    private static Task Run(string what, string code)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<HistoriesNeverEvictedAnalyzer>($$"""
            using System.Collections.Concurrent;
            class ChatStore { {{code}} }
            class Session { public List<ChatMessage> Messages { get; } = []; }
            """, Stubs.Server);
    }
}

using TokenBudget.Generators.Analyzers;
using TokenBudget.Generators.Tests.Harness;

namespace TokenBudget.Generators.Tests.Analyzers;

public sealed class HistoryGrowsInMemberTests
{
    [Theory]
    [InlineData("a history that does not grow", "async Task M() => await client.GetResponseAsync(_h);")]
    [InlineData("what a constructor puts in", "static C() => Shared.Add(new()); static readonly List<ChatMessage> Shared = []; async Task M() => await client.GetResponseAsync(Shared);")]
    [InlineData("a history that is not sent", "async Task M() { _h.Add(new()); await client.GetResponseAsync(\"x\"); }")]
    [InlineData("a cut", "async Task M() { _h.Add(new()); if (_h.Count > 9) _h.RemoveRange(1, 2); await client.GetResponseAsync(_h); }")]
    [InlineData("a cut in a helper", "async Task M() { _h.Add(new()); Fit(); await client.GetResponseAsync(_h); } void Fit() { while (_h.Count > 9) _h.RemoveAt(1); }")]
    [InlineData("a new start at each call", "async Task M() { _h.Clear(); _h.Add(new()); await client.GetResponseAsync(_h); }")]
    [InlineData("a new start in a helper", "async Task M() { Start(); _h.Add(new()); await client.GetResponseAsync(_h); } void Start() => _h = [];")]
    [InlineData("only the newest", "async Task M() { _h.Add(new()); await client.GetResponseAsync(_h.TakeLast(5)); }")]
    [InlineData("a history the service keeps", "async Task M(ChatOptions o) { _h.Add(new()); var r = await client.GetResponseAsync(_h, o); o.ConversationId = r.ConversationId; }")]
    public Task Says_nothing_of(string what, string members) => Run(what, members);

    [Theory]
    [InlineData("a field", "async Task M() { _h.Add(new()); await client.GetResponseAsync({|TB0002:_h|}); }")]
    [InlineData("a property", "List<ChatMessage> P { get; } = []; async Task M() { P.Add(new()); await client.GetResponseAsync({|TB0002:P|}); }")]
    [InlineData("two methods", "void Say() => _h.Add(new()); async Task M() => await client.GetResponseAsync({|TB0002:_h|});")]
    [InlineData("a spread", "async Task M() { await client.GetResponseAsync({|TB0002:[.. _h, new()]|}); _h.Add(new()); }")]
    [InlineData("a copy", "async Task M() { _h.Add(new()); var c = _h.ToList(); await client.GetResponseAsync({|TB0002:c|}); }")]
    [InlineData("a reset nobody has to call", "void Reset() { _h.Clear(); _h.Add(new()); } async Task M() { _h.Add(new()); await client.GetResponseAsync({|TB0002:_h|}); }")]
    [InlineData("a rollback", "async Task M() { _h.Add(new()); try { await client.GetResponseAsync({|TB0002:_h|}); } catch { _h.RemoveRange(0, 1); } }")]
    [InlineData("a reset on a command", "async Task M(string q) { if (q == \"/new\") _h.Clear(); _h.Add(new()); await client.GetResponseAsync({|TB0002:_h|}); }")]
    public Task Reports(string what, string members) => Run(what, members);

    [Fact]
    public Task Says_nothing_where_a_reducer_is_set_up() => AnalyzerRun.ShouldReport<HistoryGrowsInMemberAnalyzer>(
        Source("async Task M() { _h.Add(new()); await client.GetResponseAsync(_h); }"), Stubs.Reducer);

    private static Task Run(string what, string members)
    {
        what.ShouldNotBeEmpty();
        return AnalyzerRun.ShouldReport<HistoryGrowsInMemberAnalyzer>(Source(members));
    }

    private static string Source(string members) =>
        members.Contains("static C()", StringComparison.Ordinal)
            ? $"class C {{ static readonly IChatClient client = null!; {members} }}"
            : $"class C(IChatClient client) {{ private List<ChatMessage> _h = []; {members} }}";
}

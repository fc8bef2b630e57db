using Microsoft.CodeAnalysis;
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
    [InlineData("a system message put in once", "async Task M() { if (!_h.Any()) _h.Add(new()); await client.GetResponseAsync(_h); }")]
    [InlineData("what a page's start puts in", "void OnInitialized() => _h.Add(new()); async Task M() => await client.GetResponseAsync(_h);")]
    [InlineData("a request that is looked at only", "async Task M(Session s) { s.Messages.Insert(0, new()); await client.GetResponseAsync(s.Messages); }")]
    [InlineData("a session that was just made", "async Task M() { var s = new Session(); var r = await client.GetResponseAsync(s.Messages); s.Messages.AddMessages(r); }")]
    [InlineData("a session that trims itself", "async Task M(TidySession s) { var r = await client.GetResponseAsync(s.Messages); s.Messages.AddMessages(r); }")]
    [InlineData("a session that is trimmed", "async Task M(Session s) { TrimHistory(s); var r = await client.GetResponseAsync(s.Messages); s.Messages.AddMessages(r); } void TrimHistory(Session s) { }")]
    [InlineData("a list that was handed in", "async Task M(List<ChatMessage> h) { var r = await client.GetResponseAsync(h); h.AddMessages(r); }")]
    [InlineData("a method of a session that cuts", "Curt _t = new(); async Task M() { _t.SayBriefly(\"x\"); await client.GetResponseAsync(_t.Messages); }")]
    [InlineData("a record that starts anew", "State _r = new([]); async Task M() { _r = _r with { History = [new()] }; await client.GetResponseAsync(_r.History); }")]
    [InlineData("a record that keeps the newest", "State _r = new([]); async Task M() { _r = _r with { History = [.. _r.History.TakeLast(9), new()] }; await client.GetResponseAsync(_r.History); }")]
    [InlineData("a session of one call", "async Task M() { var t = new Talk(); t.Say(\"x\"); await client.GetResponseAsync(t.Messages); }")]
    [InlineData("a wrapper whose body takes the newest", "IAsker _a = null!; async Task M() { _h.Add(new()); await _a.TellAsync(_h); }")]
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
    [InlineData("a dictionary", "Dictionary<string, List<ChatMessage>> _all = []; async Task M(string id) { _all[id].Add(new()); await client.GetResponseAsync({|TB0002:_all[id]|}); }")]
    [InlineData("a dictionary's element", "System.Collections.Concurrent.ConcurrentDictionary<string, List<ChatMessage>> _all = []; async Task M(string id) { var h = _all.GetOrAdd(id, _ => []); h.Add(new()); await client.GetResponseAsync({|TB0002:h|}); }")]
    [InlineData("a dictionary's new element", "Dictionary<string, List<ChatMessage>> _all = []; async Task M(string id) { if (!_all.TryGetValue(id, out var h)) { h = []; _all[id] = h; } h.Add(new()); await client.GetResponseAsync({|TB0002:h|}); }")]
    [InlineData("a dictionary behind a method", "Dictionary<string, Session> _all = []; Session Get(string id) => _all[id]; async Task M(string id) { Get(id).Messages.Add(new()); await client.GetResponseAsync({|TB0002:Get(id).Messages|}); }")]
    [InlineData("a history behind a method", "Dictionary<string, List<ChatMessage>> _all = []; List<ChatMessage> Get(string id) => _all[id]; async Task M(string id) { var h = Get(id); h.Add(new()); await client.GetResponseAsync({|TB0002:h|}); }")]
    [InlineData("a member of a member", "Session _s = new(); async Task M() { _s.Messages.Add(new()); await client.GetResponseAsync({|TB0002:_s.Messages|}); }")]
    [InlineData("one of two sessions", "Session? _s = new(); async Task M(bool keep) { var s = keep ? _s : new Session(); s!.Messages.Add(new()); await client.GetResponseAsync({|TB0002:s.Messages|}); _s?.Messages?.Add(new()); }")]
    [InlineData("a session of somebody else's", "async Task M(Session s) { s.Messages.Add(new()); var r = await client.GetResponseAsync({|TB0002:s.Messages|}); s.Messages.AddMessages(r); }")]
    [InlineData("a helper", "async Task M() { _h.Add(new()); await Ask({|TB0002:_h|}); } Task Ask(List<ChatMessage> h) => client.GetResponseAsync(h);")]
    [InlineData("a field of a base", "class D(IChatClient c) : B { async Task M() { History.Add(new()); await c.GetResponseAsync({|TB0002:History|}); } } class B { protected List<ChatMessage> History = []; }")]
    [InlineData("a field made when it is first needed", "List<ChatMessage>? _l; async Task M() { if (_l is null) _l = []; _l.Add(new()); await client.GetResponseAsync({|TB0002:_l|}); }")]
    [InlineData("a list that is exchanged for a longer one", "async Task M() { _h = [.. _h, new()]; await client.GetResponseAsync({|TB0002:_h|}); }")]
    [InlineData("a list that is appended to", "async Task M() { _h = _h.Append(new()).ToList(); await client.GetResponseAsync({|TB0002:_h|}); }")]
    [InlineData("an immutable list", "System.Collections.Immutable.ImmutableList<ChatMessage> _l = []; async Task M() { _l = _l.Add(new()); await client.GetResponseAsync({|TB0002:_l|}); }")]
    [InlineData("an immutable array", "System.Collections.Immutable.ImmutableArray<ChatMessage> _l = []; async Task M() { _l = _l.Add(new()); await client.GetResponseAsync({|TB0002:_l|}); }")]
    [InlineData("a record that is copied with a longer list", "State _r = new([]); async Task M() { _r = _r with { History = [.. _r.History, new()] }; await client.GetResponseAsync({|TB0002:_r.History|}); }")]
    [InlineData("an extension method", "async Task M() { _h.Say(\"x\"); await client.GetResponseAsync({|TB0002:_h|}); }")]
    [InlineData("an extension method of a session", "Session _s = new(); async Task M() { _s.Tell(\"x\"); await client.GetResponseAsync({|TB0002:_s.Messages|}); }")]
    [InlineData("a method of a session", "Talk _t = new(); async Task M() { _t.Say(\"x\"); await client.GetResponseAsync({|TB0002:_t.Messages|}); }")]
    [InlineData("a static list", "static readonly List<ChatMessage> All = []; async Task M() { All.Add(new()); await client.GetResponseAsync({|TB0002:All|}); }")]
    [InlineData("a static list of another type", "async Task M() { Shelf.All.Add(new()); await client.GetResponseAsync({|TB0002:Shelf.All|}); }")]
    [InlineData("a value that flows", "static readonly AsyncLocal<List<ChatMessage>> Flowing = new(); async Task M() { Flowing.Value!.Add(new()); await client.GetResponseAsync({|TB0002:Flowing.Value|}); }")]
    [InlineData("a value made when it is first needed", "Lazy<List<ChatMessage>> _lazy = new(() => []); async Task M() { _lazy.Value.Add(new()); await client.GetResponseAsync({|TB0002:_lazy.Value|}); }")]
    [InlineData("a dictionary of sessions", "System.Collections.Concurrent.ConcurrentDictionary<string, Session> _all = []; async Task M(string id) { var s = _all.GetOrAdd(id, static _ => new Session()); s.Messages.Add(new()); await client.GetResponseAsync({|TB0002:s.Messages|}); }")]
    [InlineData("a dictionary that is updated", "System.Collections.Concurrent.ConcurrentDictionary<string, List<ChatMessage>> _all = []; async Task M(string id) { var h = _all.AddOrUpdate(id, _ => [new()], (_, old) => { old.Add(new()); return old; }); await client.GetResponseAsync({|TB0002:h|}); }")]
    [InlineData("a dictionary that is asked first", "Dictionary<string, List<ChatMessage>> _all = []; async Task M(string id) { if (!_all.ContainsKey(id)) _all[id] = []; var h = _all[id]; h.Add(new()); await client.GetResponseAsync({|TB0002:h|}); }")]
    [InlineData("a property of a base", "class D(IChatClient c) : B { async Task M() { History.Add(new()); await c.GetResponseAsync({|TB0002:History|}); } } abstract class B { protected IList<ChatMessage> History { get; } = new List<ChatMessage>(); }")]
    [InlineData("a method of a base", "class D(IChatClient c) : B { async Task M() { Keep(new()); await c.GetResponseAsync({|TB0002:History|}); } } abstract class B { protected List<ChatMessage> History { get; } = []; protected void Keep(ChatMessage m) => History.Add(m); }")]
    [InlineData("a queue", "Queue<ChatMessage> _q = new(); async Task M() { _q.Enqueue(new()); await client.GetResponseAsync({|TB0002:_q|}); }")]
    [InlineData("a linked list", "LinkedList<ChatMessage> _q = new(); async Task M() { _q.AddLast(new ChatMessage()); await client.GetResponseAsync({|TB0002:_q|}); }")]
    [InlineData("under a lock", "readonly object _gate = new(); async Task M() { List<ChatMessage> c; lock (_gate) { _h.Add(new()); c = [.. _h]; } await client.GetResponseAsync({|TB0002:c|}); }")]
    [InlineData("an iterator", "async IAsyncEnumerable<string> M() { _h.Add(new()); await foreach (var u in client.GetStreamingResponseAsync({|TB0002:_h|})) yield return u.Text; _h.Add(new()); }")]
    [InlineData("a stream that is joined", "async Task M() { var l = new List<ChatResponseUpdate>(); await foreach (var u in client.GetStreamingResponseAsync({|TB0002:_h|})) l.Add(u); _h.AddMessages(l); }")]
    [InlineData("an event of a form", "void OnSaid(object? sender, string text) => _ = AskAsync(text); async Task AskAsync(string text) { _h.Add(new(ChatRole.User, text)); _h.AddMessages(await client.GetResponseAsync({|TB0002:_h|})); }")]
    public Task Reports(string what, string members) => Run(what, members);

    [Fact]
    public Task Looks_at_what_a_primary_constructor_is_given() => AnalyzerRun.ShouldReport<HistoryGrowsInMemberAnalyzer>("""
        class C(IChatClient client, List<ChatMessage> history)
        {
            async Task M() { history.Add(new()); await client.GetResponseAsync({|TB0002:history|}); }
        }
        """);

    [Theory]
    [InlineData(OutputKind.ConsoleApplication, true, DiagnosticSeverity.Info)]
    [InlineData(OutputKind.ConsoleApplication, false, DiagnosticSeverity.Warning)]
    [InlineData(OutputKind.DynamicallyLinkedLibrary, true, DiagnosticSeverity.Warning)]
    public async Task Is_milder_with_a_program_one_person_uses(OutputKind kind, bool isDesktop, DiagnosticSeverity severity)
    {
        var server = isDesktop ? "" : "namespace Microsoft.AspNetCore.Http { public class HttpContext; }";
        var source = Source("async Task M() { _h.Add(new()); await client.GetResponseAsync(_h); } static void Main() { }") + server;
        var compilation = TestCompilation.Create(source, AnalyzerRun.References);
        compilation = compilation.WithOptions(compilation.Options.WithOutputKind(kind).WithGeneralDiagnosticOption(ReportDiagnostic.Default));
        (await AnalyzerRun.Analyze<HistoryGrowsInMemberAnalyzer>(compilation)).Single().Severity.ShouldBe(severity);
    }

    [Theory]
    [InlineData("Components/Chat_razor.g.cs", true)]
    [InlineData("Components/Chat.g.cs", false)]
    public async Task Looks_into_Razor_pages_and_no_other_generated_code(string path, bool reports)
    {
        const string Page = """
            // <auto-generated/>
            #pragma warning disable 1591
            namespace Contoso
            {
                public partial class Chat(IChatClient client)
                {
            #nullable restore
            #line 12 "/Contoso/Components/Chat.razor"
                private List<ChatMessage> messages = new();
                private async Task SayAsync(string text)
                {
                    messages.Add(new(ChatRole.User, text));
                    await client.GetResponseAsync([.. messages]);
                }

            #line default
            #line hidden
                }
            }
            """;
        var compilation = TestCompilation.Create("", AnalyzerRun.References).AddSyntaxTrees(TestCompilation.Parse(Page, path));
        var diagnostics = await AnalyzerRun.Analyze<HistoryGrowsInMemberAnalyzer>(compilation);
        diagnostics.Select(diagnostic => diagnostic.Location.GetMappedLineSpan().ToString())
            .ShouldBe(reports ? ["/Contoso/Components/Chat.razor: (15,38)-(15,51)"] : []);
    }

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
            : $$"""
                class C(IChatClient client) { private List<ChatMessage> _h = []; {{members}} }
                record State(List<ChatMessage> History);
                class Talk { public List<ChatMessage> Messages { get; } = []; public void Say(string text) => Messages.Add(new(ChatRole.User, text)); }
                class Curt { public List<ChatMessage> Messages { get; } = []; public void SayBriefly(string text) { Messages.Add(new(ChatRole.User, text)); while (Messages.Count > 9) Messages.RemoveAt(1); } }
                static class Shelf { public static List<ChatMessage> All { get; } = []; }
                static class Words
                {
                    public static void Say(this List<ChatMessage> messages, string text) => messages.Add(new(ChatRole.User, text));
                    public static void Tell(this Session session, string text) => session.Messages.Add(new(ChatRole.User, text));
                }
                class Session { public List<ChatMessage> Messages { get; } = []; }
                class TidySession { public List<ChatMessage> Messages { get; } = []; void Tidy() => Messages.RemoveRange(0, 2); }
                interface IAsker { Task<ChatResponse> TellAsync(IEnumerable<ChatMessage> messages); }
                class Asker(IChatClient c) : IAsker { public Task<ChatResponse> TellAsync(IEnumerable<ChatMessage> messages) => c.GetResponseAsync(messages.TakeLast(5)); }
                """;
}

namespace TokenBudget.Generators.Tests.Analyzers;

/// <summary>The shortest code each rule of plain code reports.</summary>
internal static class RuleSamples
{
    private const string Client = """

        class MyClient : DelegatingChatClient { public MyClient() : base(null!) { } }
        """;

    /// <summary>By id: the source, stubs included.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["TB0001"] = "class C { async Task M(IChatClient client) { var h = new List<ChatMessage>(); while (true) { h.Add(new()); await client.GetResponseAsync(h); } } }",
        ["TB0002"] = "class C(IChatClient client) { readonly List<ChatMessage> _h = []; async Task M() { _h.Add(new()); await client.GetResponseAsync([.. _h]); } }",
        ["TB0003"] = "class C { async Task M(IChatClient client, string id, Dictionary<string, List<ChatMessage>> store) { var h = store[id]; await client.GetResponseAsync(h); h.Add(new()); store[id] = h; } }",
        ["TB0004"] = "class C { async Task M(IChatClient client, ChatMessage m) { var h = new List<ChatMessage>(); h.Add(m); await client.GetResponseAsync([.. h, m]); } }",
        ["TB0005"] = "class C { async Task M(IChatClient client) { var h = new List<ChatMessage>(); while (true) { h.Add(new(ChatRole.User, Console.ReadLine())); await client.GetResponseAsync(h); } } }",
        ["TB0006"] = "class C { async Task M(IChatClient client) { var h = new List<ChatMessage>(); while (true) { var r = await client.GetResponseAsync(h); h.Add(new(ChatRole.User, r.Text)); } } }",
        ["TB0007"] = "class C { static readonly List<ChatMessage> H = []; async Task M(IChatClient client) { H.Add(new()); await client.GetResponseAsync(H); } }" + Stubs.Server,
        ["TB0008"] = "class C { readonly Dictionary<string, List<ChatMessage>> _all = []; void M(string id) => _all[id] = []; }" + Stubs.Server,
        ["TB0009"] = "class C { async Task M(IChatClient client, AIFunction tool) { while (true) { await client.GetResponseAsync(\"x\"); await tool.InvokeAsync(); } } }",
        ["TB0010"] = "class C(IChatClient client) { async Task<int> M() { var r = await client.GetResponseAsync(\"x\"); if (!int.TryParse(r.Text, out var n)) return await M(); return n; } }",
        ["TB0011"] = "class C { object M(ChatClientBuilder b, IList<AITool> tools) => b.UseFunctionInvocation(); }" + Stubs.Pipeline,
        ["TB0012"] = "class C { async Task M(IChatClient client, PeriodicTimer timer) { while (await timer.WaitForNextTickAsync()) await client.GetResponseAsync(\"x\"); } }",
        ["TB0013"] = "class C { object M() => new ChatOptions(); }",
        ["TB0014"] = "class C(IChatClient client) { async Task<string> M() { while (true) { try { return (await client.GetResponseAsync(\"x\")).Text; } catch (Exception) { } } } }",
        ["TB0015"] = "class C(IChatClient client) { async Task<string> M() { while (true) { try { return (await client.GetResponseAsync(\"x\")).Text; } catch (Exception e) when (e.Message.Contains(\"429\")) { await Task.Delay(1000); } } } }",
        ["TB0017"] = "class C { object M(ChatClientBuilder b) => b.UseFunctionInvocation().UseDistributedCache(); }" + Stubs.Pipeline,
        ["TB0018"] = "class C { object M(ChatClientBuilder b) => b.UseOpenTelemetry(c => c.EnableSensitiveData = true); }" + Stubs.Pipeline,
        ["TB0019"] = "class C { async Task M(IChatClient client, ILogger logger, string q) { await client.GetResponseAsync(q); logger.LogInformation(\"{Q}\", q); } } interface ILogger { void LogInformation(string message, params object?[] args); }",
        ["TB0020"] = "class C { async Task M() { await new MyClient().GetResponseAsync(\"x\"); } }" + Client + Stubs.Server,
        ["TB0021"] = "class C { async Task M(IChatClient client) { await foreach (var u in client.GetStreamingResponseAsync(\"x\")) Console.Write(u.Text); } }",
        ["TB0022"] = "using Microsoft.Agents.AI; class C { async Task M(AIAgent agent) { var s = await agent.CreateSessionAsync(); while (true) await agent.RunAsync(\"x\", s); } } class ChatClientAgent : AIAgent;" + Stubs.AgentFramework,
        ["TB0023"] = "class C { void M(IChatClient client) => MapPost(async h => await client.GetResponseAsync(h)); static void MapPost(Func<List<ChatMessage>, Task> handler) { } }" + Stubs.Server,
        ["TB0024"] = "class C { async Task M(IChatClient client, string path) { var t = await System.IO.File.ReadAllTextAsync(path); await client.GetResponseAsync(t); } }",
        ["TB0025"] = "class C(IChatClient client) { async Task M(List<string> questions) => await Task.WhenAll(questions.Select(q => client.GetResponseAsync(q))); }",
    };
}

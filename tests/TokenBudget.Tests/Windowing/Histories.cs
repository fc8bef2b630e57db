using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Tests.Windowing;

/// <summary>Makes histories for windows. One word is one token, so that sizes can be read off.</summary>
internal static class Histories
{
    public static readonly MessageCounter Counter = new(TokenCounter.Create(static text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length));

    public static string Words(int count, string word = "w") => string.Join(' ', Enumerable.Repeat(word, count));

    public static ChatMessage User(string text) => new(ChatRole.User, text);

    public static ChatMessage Answer(string text) => new(ChatRole.Assistant, text);

    public static ChatMessage SystemText(string text) => new(ChatRole.System, text);

    public static ChatMessage ToolCalls(params string[] ids) =>
        new(ChatRole.Assistant, [.. ids.Select(static id => new FunctionCallContent(id, "tool"))]);

    public static ChatMessage ToolResults(string text, params string[] ids) =>
        new(ChatRole.Tool, [.. ids.Select(id => new FunctionResultContent(id, text))]);

    public static string Json(IEnumerable<ChatMessage> messages) => JsonSerializer.Serialize(messages.ToList(), AIJsonUtilities.DefaultOptions);

    public static long Size(IEnumerable<ChatMessage> messages) => messages.Sum(message => (long)Counter.Count(message)) + MessageCounter.TokensPerRequest;

    public static bool IsSystem(this ChatMessage message) => message.Role == ChatRole.System || message.Role.Value == "developer";

    public static bool HasResults(this ChatMessage message) => message.Contents.Any(static content => content is FunctionResultContent);

    public static bool IsPlainUser(this ChatMessage message) => message.Role == ChatRole.User && !message.HasResults();

    /// <summary>Call ids whose call or result is missing, or whose result comes first.</summary>
    public static IEnumerable<string> Orphans(IEnumerable<ChatMessage> messages)
    {
        var open = new HashSet<string>(StringComparer.Ordinal);
        foreach (var content in messages.SelectMany(static message => message.Contents))
        {
            if (content is FunctionCallContent call)
                open.Add(call.CallId);
            else if (content is FunctionResultContent result && !open.Remove(result.CallId))
                yield return result.CallId;
        }

        foreach (var id in open)
            yield return id;
    }

    /// <summary>
    /// A history as agents make them: system and developer messages anywhere, turns with rounds of parallel calls in one or several
    /// messages, results in any order and in tool or user messages, reasoning before and within answers, unfinished answers.
    /// </summary>
    /// <param name="random">Decides.</param>
    /// <param name="turns">How many user messages it has at least.</param>
    /// <param name="isBroken">
    /// Also what agents make when something goes wrong: a greeting in front, calls without results, results without calls or long after
    /// them, messages and texts without content.
    /// </param>
    public static List<ChatMessage> Random(Random random, int turns, bool isBroken = false)
    {
        var history = new List<ChatMessage>();
        var late = new Queue<ChatMessage>();
        var id = 0;
        if (Breaks(6))
            history.Add(Answer("Hello."));
        for (var turn = 0; turn < turns; turn++)
        {
            MaybeSystem();
            for (var message = random.Next(8) == 0 ? 2 : 1; message > 0; message--)
                history.Add(User(Breaks(10) ? "" : $"u{history.Count} {Words(random.Next(30))}"));
            for (var round = random.Next(4); round > 0; round--)
                Round();
            if (random.Next(10) == 0)
                history.Add(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent(Words(random.Next(20)))]));
            if (Breaks(8))
                history.Add(new ChatMessage(random.Next(2) == 0 ? ChatRole.Assistant : ChatRole.User, (IList<AIContent>)[]));
            if (random.Next(8) > 0)
                history.Add(Answer($"a{history.Count} {Words(random.Next(40))}"));
            while (late.TryDequeue(out var result))
                history.Add(result);
        }

        return history;

        bool Breaks(int oneIn) => isBroken && random.Next(oneIn) == 0;

        void MaybeSystem()
        {
            if (random.Next(6) == 0)
                history.Add(new ChatMessage(random.Next(2) == 0 ? ChatRole.System : new ChatRole("developer"), $"s{history.Count}"));
        }

        void Round()
        {
            if (random.Next(5) == 0)
                history.Add(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent(Words(random.Next(20)))]));
            var ids = Enumerable.Range(0, 1 + random.Next(3)).Select(_ => $"c{id++}").ToArray();
            if (random.Next(4) == 0)
                history.AddRange(ids.Select(static one => ToolCalls(one)));
            else
                history.Add(ToolCalls(ids));
            MaybeSystem();
            random.Shuffle(ids);
            if (Breaks(6))
                ids = ids[1..];
            if (Breaks(12))
                ids = [.. ids, $"nobody{id++}"];
            var role = random.Next(5) == 0 ? ChatRole.User : ChatRole.Tool;
            var size = random.Next(12) == 0 ? random.Next(400) : random.Next(40);
            if (Breaks(10))
                history.Add(new ChatMessage(role, (IList<AIContent>)[]));
            if (random.Next(2) == 0)
                foreach (var one in ids)
                    Deliver(new ChatMessage(role, [Result(one)]));
            else if (ids.Length > 0)
                Deliver(new ChatMessage(role, [.. ids.Select(Result)]));

            void Deliver(ChatMessage result)
            {
                if (Breaks(10))
                    late.Enqueue(result);
                else
                    history.Add(result);
            }

            FunctionResultContent Result(string one) => new(one, Breaks(12) ? null : $"r{one} {Words(random.Next(size + 1))}");
        }
    }
}

using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Counting;

namespace TokenBudget.Benchmarks.Counting;

/// <summary>Brings reported usage and the recorded conversations it belongs to together, in the order the requests were made.</summary>
internal static class RecordedUsage
{
    public const string TauModel = "gpt-4.1-mini";
    public const string PiModel = "claude-sonnet-4-5";
    private const string PiSession = "pi-large-session";

    /// <summary>
    /// The customer-service agents of tau2 and the simulated users they talk to. An agent's request is everything before its answer; a simulated
    /// user sees only what was said, not the agent's system text and tools, and has a scenario of its own, which is not recorded.
    /// </summary>
    /// <param name="conversations">The recorded conversations.</param>
    /// <param name="usage">The lines of <c>tau2-usage.*.csv</c>.</param>
    public static List<RecordedCall> Tau(IEnumerable<RecordedConversation> conversations, IEnumerable<string> usage)
    {
        var counter = new ModelCounters().For(TauModel).Messages;
        var byId = conversations.ToDictionary(static conversation => conversation.Id, StringComparer.Ordinal);
        return
        [
            .. Rows(usage).OrderBy(static row => row["timestamp"], StringComparer.Ordinal).Select(row =>
            {
                var id = row["conversation_id"];
                var before = byId[id].Messages.Take((int)Number(row["message_index"]));
                var isUser = row["role"] == "user";
                List<ChatMessage> seen = [.. isUser ? before.Where(IsSaid) : before];
                // tau2-airline-20260601-033543-1-0: the domain says which tools and which rules.
                return new RecordedCall($"{id.Split('-')[1]} {row["role"]}", seen, MessageCounter.TokensPerRequest + seen.Sum(message => (long)counter.Count(message)), Number(row["prompt_tokens"]));
            }),
        ];
    }

    /// <summary>The long coding session. Answers of which nothing was reported (aborted before the first token) are not in it.</summary>
    /// <param name="conversations">The recorded conversations.</param>
    /// <param name="usage">The lines of <c>pi-sessions-usage.*.csv</c>.</param>
    public static List<RecordedCall> Pi(IEnumerable<RecordedConversation> conversations, IEnumerable<string> usage)
    {
        var counter = new ModelCounters().For(PiModel).Messages;
        var reported = Rows(usage).Where(static row => Number(row["output"]) > 0).Select(static row => Number(row["input"]) + Number(row["cache_read"]) + Number(row["cache_write"])).ToList();
        var calls = new List<RecordedCall>(reported.Count);
        var counted = (long)MessageCounter.TokensPerRequest;
        var messages = conversations.Single(static conversation => conversation.Id == PiSession).Messages;
        for (var index = 0; index < messages.Count; index++)
        {
            if (messages[index].Role == ChatRole.Assistant)
                calls.Add(new RecordedCall(PiSession, [.. messages.Take(index)], counted, reported[calls.Count]));
            counted += counter.Count(messages[index]);
        }

        return calls;
    }

    private static bool IsSaid(ChatMessage message) =>
        (message.Role == ChatRole.User || message.Role == ChatRole.Assistant) && !message.Contents.Any(static content => content is FunctionCallContent);

    private static IEnumerable<Dictionary<string, string>> Rows(IEnumerable<string> lines)
    {
        string[]? names = null;
        foreach (var line in lines)
        {
            var fields = line.Split(',');
            if (names is null)
                names = fields;
            else if (fields.Length == names.Length)
                yield return names.Zip(fields).ToDictionary(static pair => pair.First, static pair => pair.Second, StringComparer.Ordinal);
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

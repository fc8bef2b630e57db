using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Counting;
using TokenBudget.Windowing;

namespace TokenBudget.Benchmarks.Ratios;

/// <summary>Cutting a history with tool calls, against the plainest sliding window over the same counts, which breaks tool pairs.</summary>
internal static class WindowPair
{
    public static RatioPair Create(int messages)
    {
        var counter = new MessageCounter(TokenCounter.ForEncoding("o200k_base"));
        var history = History(messages);
        var total = history.Sum(counter.Count);
        var window = new ContextWindow(new ContextWindowOptions { MaxTokens = total / 3 }, counter);
        return new RatioPair(
            string.Create(CultureInfo.InvariantCulture, $"window, {messages:N0} messages"),
            "sliding window over the same counts",
            8,
            () => window.Reduce(history),
            () => Slide(history, counter, total / 3));
    }

    /// <summary>The same where nothing has to go and nothing has changed, as in every request but a few.</summary>
    public static RatioPair CreateUnchanged(int messages)
    {
        var counter = new MessageCounter(TokenCounter.ForEncoding("o200k_base"));
        var history = History(messages);
        var window = new ContextWindow(new ContextWindowOptions { MaxTokens = 1_000_000 }, counter);
        return new RatioPair(
            string.Create(CultureInfo.InvariantCulture, $"window, {messages:N0} unchanged messages"),
            "sliding window over the same counts",
            0.5,
            () => window.Reduce(history),
            () => Slide(history, counter, 1_000_000));
    }

    private static List<ChatMessage> Slide(List<ChatMessage> history, MessageCounter counter, int limit)
    {
        var start = history.Count;
        for (var tokens = 0; start > 0; start--)
        {
            tokens += counter.Count(history[start - 1]);
            if (tokens > limit)
                break;
        }

        return history.GetRange(start, history.Count - start);
    }

    private static List<ChatMessage> History(int messages)
    {
        var history = new List<ChatMessage>();
        for (var turn = 0; history.Count < messages; turn++)
        {
            history.Add(new ChatMessage(ChatRole.User, $"Question {turn}: what became of order {48_000 + turn}, and why does nobody know?"));
            history.Add(new ChatMessage(ChatRole.Assistant, [new FunctionCallContent($"call{turn}", "look", new Dictionary<string, object?> { ["order"] = $"{48_000 + turn}" })]));
            history.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent($"call{turn}", string.Concat(Enumerable.Repeat($"row {turn} settled; ", 40)))]));
            history.Add(new ChatMessage(ChatRole.Assistant, $"Order {48_000 + turn} was settled; the row was read before the queue was."));
        }

        return history;
    }
}

using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Benchmarks.Ratios;
using TokenBudget.Counting;

namespace TokenBudget.Benchmarks.Counting;

/// <summary>Counting an unchanged history again, against counting it without memory.</summary>
internal static class RecountPair
{
    public static RatioPair Create(int messages)
    {
        var tokenizer = TokenCounter.ForEncoding("o200k_base");
        var counter = new MessageCounter(tokenizer);
        var history = History(messages);
        return new RatioPair(
            string.Create(CultureInfo.InvariantCulture, $"recount, {messages:N0} messages"),
            "the same count without memory",
            0.05,
            () => Count(counter, history),
            () => Count(new MessageCounter(tokenizer), history));
    }

    private static long Count(MessageCounter counter, List<ChatMessage> history)
    {
        var tokens = 0L;
        foreach (var message in history)
            tokens += counter.Count(message);
        return tokens;
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

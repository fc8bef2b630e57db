using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Windowing;

/// <summary>Puts a note in the place of tool results.</summary>
internal sealed class ToolResultClearer(ToolResultClearing options, MessageCounter counter)
{
    private readonly HashSet<string> _excluded = new(options.ExcludedTools, StringComparer.Ordinal);
    private readonly int _placeholderTokens = counter.CountContent(new FunctionResultContent("", options.Placeholder));

    /// <summary>What clearing each unit would save.</summary>
    public ClearableUnits Measure(ReadOnlySpan<ChatMessage> messages, List<MessageUnit> units)
    {
        var cleared = new ClearableUnits(units.Count, options.KeepNewest);
        for (var index = 0; index < units.Count; index++)
        {
            var (results, saved) = (0, 0L);
            for (var at = units[index].First; units[index].Count > 1 && at < units[index].End; at++)
            {
                foreach (var content in messages[at].Contents)
                {
                    if (content is not FunctionResultContent result)
                        continue;
                    results++;
                    saved += SavedBy(result, messages, units[index]);
                }
            }

            cleared.Add(results, units[index].Tokens - saved);
        }

        return cleared;
    }

    /// <summary>A message with its results cleared, or the message itself when it has none to clear.</summary>
    /// <param name="message">The message; not changed.</param>
    /// <param name="messages">The history it is of.</param>
    /// <param name="unit">The unit it is of.</param>
    /// <param name="cleared">How many of its results were cleared.</param>
    public ChatMessage Clear(ChatMessage message, ReadOnlySpan<ChatMessage> messages, in MessageUnit unit, out int cleared)
    {
        cleared = 0;
        List<AIContent>? contents = null;
        for (var at = 0; at < message.Contents.Count; at++)
        {
            if (message.Contents[at] is not FunctionResultContent result || SavedBy(result, messages, unit) == 0)
                continue;
            contents ??= [.. message.Contents];
            contents[at] = new FunctionResultContent(result.CallId, options.Placeholder) { AdditionalProperties = result.AdditionalProperties };
            cleared++;
        }

        if (contents is null)
            return message;
        var copy = message.Clone();
        copy.Contents = contents;
        return copy;
    }

    private long SavedBy(FunctionResultContent result, ReadOnlySpan<ChatMessage> messages, in MessageUnit unit) =>
        _excluded.Count > 0 && ToolOf(result, messages[unit.First..unit.End]) is { } tool && _excluded.Contains(tool)
            ? 0
            : Math.Max(0, counter.CountContent(result) - _placeholderTokens);

    private static string? ToolOf(FunctionResultContent result, ReadOnlySpan<ChatMessage> unit)
    {
        for (var at = unit.Length - 1; at >= 0; at--)
            foreach (var content in unit[at].Contents)
                if (content is FunctionCallContent call && call.CallId == result.CallId)
                    return call.Name;
        return null;
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Windowing;

/// <summary>Shortens tool results that could never fit, always to the same text, so that later requests share the prefix.</summary>
internal sealed class ToolResultTruncator(MessageCounter counter)
{
    private const int MarkerTokens = 16;
    private readonly ConditionalWeakTable<string, Shortened> _shortened = [];

    /// <summary>Shortens the results of each unit that alone is over the limit.</summary>
    /// <param name="messages">The history; not changed.</param>
    /// <param name="tokensBefore">Tokens before each message.</param>
    /// <param name="units">Its units; those shortened get their new size.</param>
    /// <param name="limit">The most tokens a unit may have.</param>
    /// <param name="target">What a shortened unit has at most, where its results allow it.</param>
    /// <returns>Replacements by message index; none when there are none.</returns>
    public Dictionary<int, ChatMessage>? ShortenOversizeUnits(ReadOnlySpan<ChatMessage> messages, long[] tokensBefore, List<MessageUnit> units, long limit, long target)
    {
        Dictionary<int, ChatMessage>? replacements = null;
        var user = -1;
        for (var index = 0; index < units.Count; index++)
        {
            var unit = units[index];
            var anchor = unit.IsUser || user < 0 ? 0 : tokensBefore[user + 1] - tokensBefore[user];
            if (unit.Tokens + anchor > limit)
                units[index] = unit with { Tokens = unit.Tokens - Shorten(messages, unit, Math.Max(0, target - anchor), replacements ??= []) };
            user = unit.User < 0 ? user : unit.User;
        }

        return replacements;
    }

    /// <summary>Shares what is left after everything else equally among the results that want more than their share.</summary>
    private long Shorten(ReadOnlySpan<ChatMessage> messages, MessageUnit unit, long target, Dictionary<int, ChatMessage> replacements)
    {
        var results = new List<long>();
        for (var index = unit.First; index < unit.End; index++)
            foreach (var content in messages[index].Contents)
                if (content is FunctionResultContent result)
                    results.Add(counter.Count(TextOf(result)));
        if (results.Count == 0)
            return 0;

        var share = FairShare(results, Math.Max(0, target - (unit.Tokens - results.Sum())));
        var saved = 0L;
        for (var index = unit.First; index < unit.End; index++)
        {
            var message = messages[index];
            if (!message.Contents.Any(content => content is FunctionResultContent result && counter.Count(TextOf(result)) > share))
                continue;
            var copy = message.Clone();
            copy.Contents = [.. message.Contents.Select(content => content is FunctionResultContent result ? Shorten(result, share) : content)];
            var less = counter.Count(message) - counter.Count(copy);
            if (less <= 0)
                continue;
            replacements[index] = copy;
            saved += less;
        }

        return saved;
    }

    private static long FairShare(List<long> sizes, long total)
    {
        sizes.Sort();
        var left = total;
        for (var index = 0; index < sizes.Count; index++)
        {
            var share = left / (sizes.Count - index);
            if (sizes[index] > share)
                return share;
            left -= sizes[index];
        }

        return long.MaxValue;
    }

    private FunctionResultContent Shorten(FunctionResultContent result, long share)
    {
        var text = TextOf(result);
        var tokens = counter.Count(text);
        if (tokens <= share)
            return result;
        if (!_shortened.TryGetValue(text, out var known) || known.Share != share)
        {
            known = new Shortened(share, Cut(text, tokens, share));
            _shortened.AddOrUpdate(text, known);
        }

        // The marker alone may be longer than a short result.
        if (counter.Count(known.Text) >= tokens)
            return result;
        return new FunctionResultContent(result.CallId, known.Text) { AdditionalProperties = result.AdditionalProperties };
    }

    /// <summary>Keeps the beginning and the end, where tools put what matters, and says how much is gone between.</summary>
    private string Cut(string text, int tokens, long share)
    {
        var marker = string.Create(CultureInfo.InvariantCulture, $"\n[… about {tokens - share:N0} of {tokens:N0} tokens left out …]\n");
        var room = Math.Max(0, share - MarkerTokens);
        for (var characters = text.Length * (double)room / tokens; characters >= 8; characters *= 0.9)
        {
            var head = Border(text, (int)(characters * 0.7));
            var tail = Border(text, text.Length - (int)(characters * 0.3));
            var cut = string.Concat(text.AsSpan(0, head), marker, text.AsSpan(tail));
            if (counter.Count(cut) <= share)
                return cut;
        }

        return marker.Trim('\n');
    }

    private static int Border(string text, int index) =>
        index > 0 && index < text.Length && char.IsLowSurrogate(text[index]) && char.IsHighSurrogate(text[index - 1]) ? index - 1 : index;

    /// <summary>A result as the text a provider gets.</summary>
    public static string TextOf(FunctionResultContent result) => result.Result switch
    {
        string text => text,
        null => string.Empty,
        TextContent text => text.Text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        JsonElement json => json.GetRawText(),
        var other => JsonSerializer.Serialize(other, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object))),
    };

    private sealed record Shortened(long Share, string Text);
}

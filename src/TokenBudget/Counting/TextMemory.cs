using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Counting;

/// <summary>Counts texts and JSON values with one tokenizer and remembers what it counted for as long as somebody else keeps the object.</summary>
/// <remarks>Thread-safe. What is remembered hangs on the object counted (an ephemeron) and keeps nothing alive.</remarks>
internal sealed class TextMemory(TokenCounter counter)
{
    // Below this, counting is as fast as looking up.
    private const int RememberedLength = 48;

    private readonly ConditionalWeakTable<object, StrongBox<int>> _counts = [];
    private readonly ConditionalWeakTable<AITool, StrongBox<int>> _tools = [];

    public int Count(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return 0;
        if (text.Length < RememberedLength)
            return counter.CountTokens(text);
        if (_counts.TryGetValue(text, out var known))
            return known.Value;
        var count = counter.CountTokens(text);
        _counts.AddOrUpdate(text, new StrongBox<int>(count));
        return count;
    }

    /// <summary>A text made for the count only, which nobody will ask for again.</summary>
    public int CountOnce(string text) => counter.CountTokens(text);

    public int Count(JsonElement json) =>
        json.ValueKind is JsonValueKind.Undefined ? 0 : counter.CountTokens(json.ValueKind is JsonValueKind.String ? json.GetString()! : json.GetRawText());

    /// <summary>A boxed element is as immutable as a string; its text is made anew each time it is asked for, so the box is remembered.</summary>
    public int Count(JsonElement json, object box)
    {
        if (_counts.TryGetValue(box, out var known))
            return known.Value;
        var count = Count(json);
        _counts.AddOrUpdate(box, new StrongBox<int>(count));
        return count;
    }

    /// <summary>A tool's declaration does not change, and its schema's text is made anew each time it is asked for.</summary>
    public int Count(AITool tool)
    {
        if (_tools.TryGetValue(tool, out var known))
            return known.Value;
        var tokens = Count(tool.Name) + Count(tool.Description);
        if (tool is AIFunctionDeclaration function)
            tokens += Count(function.JsonSchema);
        _tools.AddOrUpdate(tool, new StrongBox<int>(tokens));
        return tokens;
    }
}

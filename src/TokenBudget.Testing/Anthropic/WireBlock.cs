using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>A block as it came over the wire, before it was judged.</summary>
internal sealed record WireBlock
{
    /// <summary>Where it stood in the request, as error messages name it: <c>messages.0.content.1</c>.</summary>
    public required string Path { get; init; }

    public required string Type { get; init; }

    /// <summary>The text of a text block; a plain string in place of blocks is one text block (documented).</summary>
    public string? Text { get; init; }

    /// <summary>The block itself; undefined when it was written as a plain string.</summary>
    public JsonElement Json { get; init; }

    /// <summary>Lifetime asked for by its <c>cache_control</c>, or by that of a block inside it.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Id of a tool call, or of the call that a result answers.</summary>
    public string? ToolUseId { get; init; }

    /// <summary>The blocks inside a tool result.</summary>
    public IReadOnlyList<WireBlock> Inner { get; init; } = [];
}

using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>The body of a request to <c>/v1/messages</c>, read but not yet judged as a conversation.</summary>
internal sealed record WireRequest
{
    public required JsonElement Body { get; init; }

    public required string Model { get; init; }

    public required int MaxTokens { get; init; }

    public required bool Stream { get; init; }

    public required IReadOnlyList<string> StopSequences { get; init; }

    public required IReadOnlyList<WireBlock> Tools { get; init; }

    public required IReadOnlyList<WireBlock> System { get; init; }

    public required IReadOnlyList<WireMessage> Messages { get; init; }
}

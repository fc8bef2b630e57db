using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>A valid request, as the simulated model sees it.</summary>
/// <remarks>Immutable, safe to keep.</remarks>
public sealed class SimulatedRequest
{
    internal SimulatedRequest()
    {
    }

    /// <summary>Place in the order of arrival at the simulator, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The language it was made in.</summary>
    public required SimulatedDialect Dialect { get; init; }

    /// <summary>When it arrived, on the simulator's clock.</summary>
    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>Who sent it, by <see cref="SimulatorOptions.ClientIdHeader"/>; empty when not said.</summary>
    public required string ClientId { get; init; }

    /// <summary>The logical call, by <see cref="SimulatorOptions.CallIdHeader"/>, or a hash of the body.</summary>
    public required string CallId { get; init; }

    /// <summary>The how-manyth request of its logical call it is, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>The model asked for.</summary>
    public required string Model { get; init; }

    /// <summary>The most output tokens the reply may have; the model's limit where the request does not say.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Whether the reply is to be streamed.</summary>
    public required bool Stream { get; init; }

    /// <summary>The system blocks or messages, joined by line breaks; empty when there is none.</summary>
    public required string System { get; init; }

    /// <summary>The messages; results of tools are blocks of a user message in both dialects.</summary>
    public required IReadOnlyList<SimulatedMessage> Messages { get; init; }

    /// <summary>Names of the tools on offer.</summary>
    public required IReadOnlyList<string> Tools { get; init; }

    /// <summary>OpenAI's <c>response_format</c>; <see langword="null"/> where none is given. A responder that honours it answers with such JSON.</summary>
    public JsonElement? ResponseFormat { get; init; }

    /// <summary>Request headers; names compare without case.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>All prompt tokens by <see cref="SimulatedTokenRule"/>, cached or not.</summary>
    public required int InputTokens { get; init; }

    /// <summary>The body as sent.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>Text of the newest user message; empty when it has none.</summary>
    public string LastUserText => Messages.LastOrDefault(message => message.Role == "user")?.Text ?? "";
}

using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>Turns a request off the wire into what a responder sees.</summary>
internal static class RequestView
{
    public static SimulatedRequest Of(WireRequest wire, Exchange exchange, IHeaderDictionary headers) => new()
    {
        Number = exchange.Number,
        ArrivedAt = exchange.ArrivedAt,
        ClientId = exchange.ClientId,
        Model = wire.Model,
        MaxTokens = wire.MaxTokens,
        Stream = wire.Stream,
        System = string.Join('\n', wire.System.Select(block => block.Text)),
        Messages = [.. wire.Messages.Select(message => new SimulatedMessage(message.Role, [.. message.Blocks.Select(Block)]))],
        Tools = [.. wire.Tools.Select(tool => tool.Text!)],
        Headers = headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        InputTokens = exchange.PromptTokens,
        Body = wire.Body,
    };

    private static SimulatedBlock Block(WireBlock block) => block.Type switch
    {
        "text" => new SimulatedTextBlock(block.Text!),
        "tool_use" => new SimulatedToolUseBlock(
            block.ToolUseId!,
            WireBlockReader.OptionalString(block.Json, "name") ?? "",
            block.Json.GetProperty("input").GetRawText()),
        "tool_result" => new SimulatedToolResultBlock(
            block.ToolUseId!,
            string.Concat(block.Inner.Select(inner => inner.Text)),
            block.Json.TryGetProperty("is_error", out var failed) && failed.ValueKind == JsonValueKind.True),
        _ => new SimulatedOtherBlock(block.Type, block.Json),
    };
}

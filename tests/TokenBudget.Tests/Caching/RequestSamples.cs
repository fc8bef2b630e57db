using Microsoft.Extensions.AI;

#pragma warning disable MEAI001 // Experimental members are part of what a key must cover.

namespace TokenBudget.Tests.Caching;

/// <summary>One of every content type, and variants of each that differ in one member.</summary>
internal static class RequestSamples
{
    public static IEnumerable<AIContent> Contents() =>
        ContentVariants().GroupBy(variant => variant.Content.GetType()).Select(group => group.First().Content);

    public static IEnumerable<(string Name, AIContent Content)> ContentVariants()
    {
        static FunctionCallContent Call(string id = "c", string name = "f", object? a = null) => new(id, name, new Dictionary<string, object?> { ["a"] = a ?? 1 });
        yield return ("base", new AIContent());
        yield return ("text", new TextContent("a"));
        yield return ("text.text", new TextContent("b"));
        yield return ("text.properties", new TextContent("a") { AdditionalProperties = new() { ["cache"] = true } });
        yield return ("text.annotations", new TextContent("a") { Annotations = [new CitationAnnotation { Title = "t" }] });
        yield return ("text.annotations.title", new TextContent("a") { Annotations = [new CitationAnnotation { Title = "u" }] });
        yield return ("reasoning", new TextReasoningContent("a"));
        yield return ("reasoning.protected", new TextReasoningContent("a") { ProtectedData = "p" });
        yield return ("call", Call());
        yield return ("call.id", Call(id: "d"));
        yield return ("call.name", Call(name: "g"));
        yield return ("call.argument", Call(a: 2));
        yield return ("call.argument kind", Call(a: "1"));
        yield return ("call.argument name", new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["b"] = 1 }));
        yield return ("call.no arguments", new FunctionCallContent("c", "f"));
        yield return ("call.empty arguments", new FunctionCallContent("c", "f", new Dictionary<string, object?>()));
        yield return ("call.informational", new FunctionCallContent("c", "f", new Dictionary<string, object?> { ["a"] = 1 }) { InformationalOnly = true });
        yield return ("result", new FunctionResultContent("c", "r"));
        yield return ("result.id", new FunctionResultContent("d", "r"));
        yield return ("result.value", new FunctionResultContent("c", "s"));
        yield return ("result.null", new FunctionResultContent("c", null));
        yield return ("result.empty", new FunctionResultContent("c", ""));
        yield return ("result.content", new FunctionResultContent("c", new TextContent("r")));
        yield return ("result.contents", new FunctionResultContent("c", new List<AIContent> { new TextContent("r") }));
        yield return ("result.error", new FunctionResultContent("c", "r") { Exception = new InvalidOperationException("x") });
        yield return ("data", new DataContent(new byte[] { 1, 2 }, "image/png"));
        yield return ("data.bytes", new DataContent(new byte[] { 1, 3 }, "image/png"));
        yield return ("data.media", new DataContent(new byte[] { 1, 2 }, "image/gif"));
        yield return ("data.name", new DataContent(new byte[] { 1, 2 }, "image/png") { Name = "n" });
        yield return ("uri", new UriContent("https://host.example/a", "image/png"));
        yield return ("uri.uri", new UriContent("https://host.example/b", "image/png"));
        yield return ("uri.media", new UriContent("https://host.example/a", "image/gif"));
        yield return ("error", new ErrorContent("m"));
        yield return ("error.message", new ErrorContent("n"));
        yield return ("error.code", new ErrorContent("m") { ErrorCode = "c" });
        yield return ("error.details", new ErrorContent("m") { Details = "d" });
        yield return ("request", new ToolApprovalRequestContent("r", Call()));
        yield return ("request.id", new ToolApprovalRequestContent("s", Call()));
        yield return ("request.call", new ToolApprovalRequestContent("r", Call(a: 2)));
        yield return ("request.confirmation", new ToolApprovalRequestContent("r", Call()) { RequiresConfirmation = false });
        yield return ("response", new ToolApprovalResponseContent("r", true, Call()));
        yield return ("response.approved", new ToolApprovalResponseContent("r", false, Call()));
        yield return ("response.reason", new ToolApprovalResponseContent("r", true, Call()) { Reason = "x" });
        yield return ("response.call", new ToolApprovalResponseContent("r", true, Call(name: "g")));
        yield return ("file", new HostedFileContent("f"));
        yield return ("file.id", new HostedFileContent("g"));
        yield return ("file.media", new HostedFileContent("f") { MediaType = "image/png" });
        yield return ("file.name", new HostedFileContent("f") { Name = "n" });
        yield return ("file.size", new HostedFileContent("f") { SizeInBytes = 3 });
        yield return ("file.purpose", new HostedFileContent("f") { Purpose = "p" });
        yield return ("file.scope", new HostedFileContent("f") { Scope = "s" });
        yield return ("vectors", new HostedVectorStoreContent("v"));
        yield return ("vectors.id", new HostedVectorStoreContent("w"));
        yield return ("usage", new UsageContent(new UsageDetails { InputTokenCount = 1 }));
        yield return ("usage.details", new UsageContent(new UsageDetails { InputTokenCount = 2 }));
        yield return ("tool call", new ToolCallContent("c"));
        yield return ("tool result", new ToolResultContent("c"));
        yield return ("mcp call", new McpServerToolCallContent("c", "n", "s"));
        yield return ("mcp call.server", new McpServerToolCallContent("c", "n", "t"));
        yield return ("mcp result", new McpServerToolResultContent("c") { Outputs = [new TextContent("a")] });
        yield return ("mcp result.outputs", new McpServerToolResultContent("c") { Outputs = [new TextContent("b")] });
        yield return ("image call", new ImageGenerationToolCallContent("c"));
        yield return ("image result", new ImageGenerationToolResultContent("c"));
        yield return ("code call", new CodeInterpreterToolCallContent("c") { Inputs = [new TextContent("a")] });
        yield return ("code call.inputs", new CodeInterpreterToolCallContent("c") { Inputs = [new TextContent("b")] });
        yield return ("code result", new CodeInterpreterToolResultContent("c"));
        yield return ("search call", new WebSearchToolCallContent("c") { Queries = ["q"] });
        yield return ("search call.queries", new WebSearchToolCallContent("c") { Queries = ["r"] });
        yield return ("search result", new WebSearchToolResultContent("c"));
    }
}

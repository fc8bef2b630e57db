using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

public sealed partial class CacheKeyBuilder
{
    private void AddTools(IEnumerable<AITool>? tools)
    {
        if (tools is null)
        {
            WriteHeader(Kind.Null, "tools");
            return;
        }

        Open("tools");
        foreach (var tool in tools)
            AddTool(tool);
        Close();
    }

    private void AddTool(AITool tool)
    {
        Open("tool");
        Add("name", tool.Name);
        Add("description", tool.Description);
        AddProperties("properties", tool.AdditionalProperties);
        // What a function does is not sent; what it says of itself is.
        if (tool is AIFunctionDeclaration function)
            AddFunction(function);
        else
            AddHostedTool(tool);
        Close();
    }

    private void AddFunction(AIFunctionDeclaration function)
    {
        AddJson("schema", function.JsonSchema, sortKeys: false);
        if (function.ReturnJsonSchema is { } returns)
            AddJson("returns", returns, sortKeys: false);
        // Not sent, but the answer then is a request for approval and not the result of the call.
        Add("approval", function.GetService(typeof(ApprovalRequiredAIFunction)) is not null);
    }

    /// <summary>By exact type: a tool that is not known, or a subclass, may send what cannot be seen here.</summary>
    private void AddHostedTool(AITool tool)
    {
        var type = tool.GetType();
        Add("type", type.ToString());
        switch (tool)
        {
            case HostedWebSearchTool when type == typeof(HostedWebSearchTool):
                break;
            case HostedCodeInterpreterTool code when type == typeof(HostedCodeInterpreterTool):
                AddContents("inputs", code.Inputs);
                break;
            case HostedFileSearchTool search when type == typeof(HostedFileSearchTool):
                AddContents("inputs", search.Inputs);
                Add("most-results", search.MaximumResultCount);
                break;
            case HostedMcpServerTool server when type == typeof(HostedMcpServerTool):
                AddServer(server);
                break;
            default:
                Refuse($"its tool '{tool.Name}' is of the type {type}, which cannot be seen through.");
                break;
        }
    }

    private void AddServer(HostedMcpServerTool server)
    {
        Add("server", server.ServerName);
        Add("address", server.ServerAddress);
        Add("about", server.ServerDescription);
        AddTexts("allowed", server.AllowedTools);
        AddProperties("headers", server.Headers?.Select(header => KeyValuePair.Create(header.Key, (object?)header.Value)));
        Add("approval", server.ApprovalMode?.GetType().ToString());
        if (server.ApprovalMode is HostedMcpServerToolRequireSpecificApprovalMode specific)
        {
            AddTexts("always", specific.AlwaysRequireApprovalToolNames);
            AddTexts("never", specific.NeverRequireApprovalToolNames);
        }
    }
}

using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

public sealed partial class CacheKeyBuilder
{
    private void AddTools(IList<AITool>? tools)
    {
        if (tools is null)
            return;
        Open(Field.Tools);
        for (var i = 0; i < tools.Count; i++)
            AddTool(tools[i]);
        Close();
    }

    private void AddTool(AITool tool)
    {
        Open(Field.Tool);
        Add(Field.Name, tool.Name);
        Add(Field.Description, tool.Description);
        AddProperties(Field.Properties, tool.AdditionalProperties);
        // What a function does is not sent; what it says of itself is.
        if (tool is AIFunctionDeclaration function)
            AddFunction(function);
        else
            AddHostedTool(tool);
        Close();
    }

    private void AddFunction(AIFunctionDeclaration function)
    {
        AddJson(Field.Schema, function.JsonSchema, sortKeys: false);
        if (function.ReturnJsonSchema is { } returns)
            AddJson(Field.Returns, returns, sortKeys: false);
        // Not sent, but the answer then is a request for approval and not the result of the call.
        Add(Field.Approval, function.GetService(typeof(ApprovalRequiredAIFunction)) is not null);
    }

    /// <summary>By exact type: a tool that is not known, or a subclass, may send what cannot be seen here.</summary>
    private void AddHostedTool(AITool tool)
    {
        var type = tool.GetType();
        Add(Field.Type, type.ToString());
        switch (tool)
        {
            case HostedWebSearchTool when type == typeof(HostedWebSearchTool):
                break;
            case HostedCodeInterpreterTool code when type == typeof(HostedCodeInterpreterTool):
                AddContents(Field.Inputs, code.Inputs);
                break;
            case HostedFileSearchTool search when type == typeof(HostedFileSearchTool):
                AddContents(Field.Inputs, search.Inputs);
                Add(Field.MostResults, search.MaximumResultCount);
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
        Add(Field.Server, server.ServerName);
        Add(Field.Address, server.ServerAddress);
        Add(Field.Description, server.ServerDescription);
        AddTexts(Field.AllowedTools, server.AllowedTools);
        AddProperties(Field.Headers, server.Headers?.ToDictionary(header => header.Key, header => (object?)header.Value));
        Add(Field.Approval, server.ApprovalMode?.GetType().ToString());
        if (server.ApprovalMode is HostedMcpServerToolRequireSpecificApprovalMode specific)
        {
            AddTexts(Field.AlwaysApproved, specific.AlwaysRequireApprovalToolNames);
            AddTexts(Field.NeverApproved, specific.NeverRequireApprovalToolNames);
        }
    }
}

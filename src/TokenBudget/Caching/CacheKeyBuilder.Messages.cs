using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

public sealed partial class CacheKeyBuilder
{
    /// <summary>Adds messages, in order.</summary>
    /// <param name="messages">The messages; only read.</param>
    public void AddMessages(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Open("messages");
        foreach (var message in messages)
            Add(message);
        Close();
    }

    /// <summary>
    /// Adds what a client sends of a message: role, author's name, contents of every kind and additional properties. Ids, creation time and
    /// <see cref="ChatMessage.RawRepresentation"/> are left out: they differ between equal messages.
    /// </summary>
    /// <param name="message">The message; only read.</param>
    public void Add(ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Open("message");
        // A subclass may carry what we cannot see.
        if (message.GetType() != typeof(ChatMessage))
            Refuse($"it has a message of the unknown type {message.GetType()}.");
        Add("role", message.Role.Value);
        Add("author", message.AuthorName);
        AddContents("contents", message.Contents);
        AddProperties("properties", message.AdditionalProperties);
        Close();
    }

    private void AddContents(string name, IEnumerable<AIContent>? contents)
    {
        if (contents is null)
        {
            WriteHeader(Kind.Null, name);
            return;
        }

        Open(name);
        foreach (var content in contents)
            AddContent(content);
        Close();
    }

    private void AddContent(AIContent content)
    {
        // By exact type: a subclass has members a case for its base would miss.
        var type = content.GetType();
        Open(type.ToString());
        switch (content)
        {
            case TextContent text:
                Add("text", text.Text);
                break;
            case TextReasoningContent reasoning:
                Add("text", reasoning.Text);
                Add("protected", reasoning.ProtectedData);
                break;
            case FunctionCallContent call when type == typeof(FunctionCallContent):
                Add("call", call.CallId);
                Add("name", call.Name);
                AddArguments("arguments", call.Arguments);
                Add("informational", call.InformationalOnly);
                Add("error", call.Exception?.Message);
                break;
            case FunctionResultContent result when type == typeof(FunctionResultContent):
                Add("call", result.CallId);
                AddResult(result.Result);
                // Some clients send only that it failed, others why.
                Add("error", result.Exception?.Message);
                break;
            case DataContent data when type == typeof(DataContent):
                Add("media", data.MediaType);
                Add("name", data.Name);
                AddBytes("data", data.Data.Span);
                break;
            case UriContent uri when type == typeof(UriContent):
                Add("uri", uri.Uri.OriginalString);
                Add("media", uri.MediaType);
                break;
            case ErrorContent error when type == typeof(ErrorContent):
                Add("message", error.Message);
                Add("code", error.ErrorCode);
                Add("details", error.Details);
                break;
            case ToolApprovalRequestContent request:
                Add("request", request.RequestId);
                AddContent(request.ToolCall);
                AddExperimental(request);
                break;
            case ToolApprovalResponseContent response:
                Add("request", response.RequestId);
                Add("approved", response.Approved);
                Add("reason", response.Reason);
                AddContent(response.ToolCall);
                break;
            case HostedFileContent file:
                Add("file", file.FileId);
                Add("media", file.MediaType);
                Add("name", file.Name);
                Add("size", file.SizeInBytes);
                AddExperimental(file);
                break;
            default:
                if (TrySerialize(content, type, "content") is { } json)
                    WriteJson(json, sortKeys: true);
                break;
        }

        AddAnnotations(content.Annotations);
        AddProperties("properties", content.AdditionalProperties);
        Close();
    }

    /// <summary>A client sends a text as it is but anything else as JSON, so the text <c>5</c> and the JSON string <c>5</c> are different results.</summary>
    private void AddResult(object? result)
    {
        switch (result)
        {
            case null:
                Add("result", (string?)null);
                break;
            case string text:
                Add("result", text);
                break;
            case AIContent content:
                AddContent(content);
                break;
            case IEnumerable<AIContent> contents:
                AddContents("result", contents);
                break;
            default:
                if (TrySerialize(result, result.GetType(), "result") is { } json)
                    AddJson("result", json);
                break;
        }
    }

    private void AddAnnotations(IList<AIAnnotation>? annotations)
    {
        if (annotations is null)
        {
            WriteHeader(Kind.Null, "annotations");
            return;
        }

        Open("annotations");
        foreach (var annotation in annotations)
        {
            if (TrySerialize(annotation, annotation.GetType(), "annotation") is { } json)
                AddJson(annotation.GetType().ToString(), json);
        }

        Close();
    }

#pragma warning disable MEAI001 // Experimental members reach the wire like all others; they are only read.
    private void AddExperimental(ToolApprovalRequestContent request) => Add("confirmation", request.RequiresConfirmation);

    private void AddExperimental(HostedFileContent file)
    {
        Add("purpose", file.Purpose);
        Add("owner", file.Scope);
    }
#pragma warning restore MEAI001
}

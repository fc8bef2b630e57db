using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

public sealed partial class CacheKeyBuilder
{
    /// <summary>Adds messages, in order.</summary>
    /// <param name="messages">The messages; only read.</param>
    public void AddMessages(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        Open(Field.Messages);
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
        Open(Field.Message);
        // A subclass may carry what we cannot see.
        if (message.GetType() != typeof(ChatMessage))
            Refuse($"it has a message of the unknown type {message.GetType()}.");
        Add(Field.Role, message.Role.Value);
        Add(Field.Author, message.AuthorName);
        AddContents(Field.Contents, message.Contents);
        AddProperties(Field.Properties, message.AdditionalProperties);
        Close();
    }

    private void AddContents(Field field, IList<AIContent>? contents)
    {
        if (contents is null)
            return;
        Open(field);
        for (var i = 0; i < contents.Count; i++)
            AddContent(contents[i]);
        Close();
    }

    private void AddContent(AIContent content)
    {
        // By exact type: a subclass has members a case for its base would miss.
        var type = content.GetType();
        switch (content)
        {
            case TextContent text:
                Open(Field.TextContent);
                Add(Field.Text, text.Text);
                break;
            case TextReasoningContent reasoning:
                Open(Field.ReasoningContent);
                Add(Field.Text, reasoning.Text);
                Add(Field.Protected, reasoning.ProtectedData);
                break;
            case FunctionCallContent call when type == typeof(FunctionCallContent):
                Open(Field.CallContent);
                Add(Field.Call, call.CallId);
                Add(Field.Name, call.Name);
                AddArguments(Field.Arguments, call.Arguments);
                Add(Field.Informational, call.InformationalOnly);
                Add(Field.Error, call.Exception?.Message);
                break;
            case FunctionResultContent result when type == typeof(FunctionResultContent):
                Open(Field.ResultContent);
                Add(Field.Call, result.CallId);
                AddResult(result.Result);
                // Some clients send only that it failed, others why.
                Add(Field.Error, result.Exception?.Message);
                break;
            case DataContent data when type == typeof(DataContent):
                Open(Field.DataContent);
                Add(Field.Media, data.MediaType);
                Add(Field.Name, data.Name);
                WriteName(Field.Data);
                Write(data.Data.Span);
                break;
            case UriContent uri when type == typeof(UriContent):
                Open(Field.UriContent);
                Add(Field.Uri, uri.Uri.OriginalString);
                Add(Field.Media, uri.MediaType);
                break;
            case ErrorContent error when type == typeof(ErrorContent):
                Open(Field.ErrorContent);
                Add(Field.Text, error.Message);
                Add(Field.Code, error.ErrorCode);
                Add(Field.Details, error.Details);
                break;
            case ToolApprovalRequestContent request:
                Open(Field.ApprovalRequest);
                Add(Field.Request, request.RequestId);
                AddContent(request.ToolCall);
                AddExperimental(request);
                break;
            case ToolApprovalResponseContent response:
                Open(Field.ApprovalResponse);
                Add(Field.Request, response.RequestId);
                Add(Field.Approved, response.Approved);
                Add(Field.Reason, response.Reason);
                AddContent(response.ToolCall);
                break;
            case HostedFileContent file:
                Open(Field.FileContent);
                Add(Field.File, file.FileId);
                Add(Field.Media, file.MediaType);
                Add(Field.Name, file.Name);
                Add(Field.Size, file.SizeInBytes);
                AddExperimental(file);
                break;
            default:
                Open(Field.OtherContent);
                Add(Field.Type, type.ToString());
                if (TrySerialize(content, "content") is { } json)
                    AddJson(Field.Json, json, sortKeys: true);
                break;
        }

        AddAnnotations(content.Annotations);
        AddProperties(Field.Properties, content.AdditionalProperties);
        Close();
    }

    /// <summary>A client sends a text as it is but anything else as JSON, so the text <c>5</c> and the JSON string <c>5</c> are different results.</summary>
    private void AddResult(object? result)
    {
        switch (result)
        {
            case null:
                break;
            case string text:
                Add(Field.Result, text);
                break;
            case AIContent content:
                AddContent(content);
                break;
            case IEnumerable<AIContent> contents:
                AddContents(Field.Result, contents as IList<AIContent> ?? [.. contents]);
                break;
            default:
                if (TrySerialize(result, "result") is { } json)
                    AddJson(Field.Result, json, sortKeys: true);
                break;
        }
    }

    private void AddAnnotations(IList<AIAnnotation>? annotations)
    {
        if (annotations is null)
            return;
        Open(Field.Annotations);
        foreach (var annotation in annotations)
        {
            Add(Field.Type, annotation.GetType().ToString());
            if (TrySerialize(annotation, "annotation") is { } json)
                AddJson(Field.Json, json, sortKeys: true);
        }

        Close();
    }

#pragma warning disable MEAI001 // Experimental members reach the wire like all others; they are only read.
    private void AddExperimental(ToolApprovalRequestContent request) => Add(Field.Confirmation, request.RequiresConfirmation);

    private void AddExperimental(HostedFileContent file)
    {
        Add(Field.Purpose, file.Purpose);
        Add(Field.Owner, file.Scope);
    }
#pragma warning restore MEAI001
}

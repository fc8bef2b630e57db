using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>Calls methods as generated code does.</summary>
internal static class Agent
{
    public static AgentMethod Bind(this CallSample sample, IChatClient client, BudgetSettings? settings = null, string? systemPrompt = null) =>
        sample.Runtime.Bind(client, CallSample.Policy(settings) with { SystemPrompt = systemPrompt });

    public static Task<string> AskAsync(this AgentMethod method, string question, CancellationToken cancellationToken = default) =>
        method.AskAsync(ReplyFormat.Text, question, cancellationToken: cancellationToken);

    public static Task<T> AskAsync<T>(
        this AgentMethod method,
        ReplyFormat<T> format,
        string question,
        Conversation? conversation = null,
        ChatOptions? options = null,
        string? tenant = null,
        CancellationToken cancellationToken = default)
    {
        var call = Begin(method, question, conversation, options, tenant);
        return call.InvokeAsync(format, cancellationToken);
    }

    public static IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        this AgentMethod method,
        string question,
        Conversation? conversation = null,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var call = Begin(method, question, conversation, options, tenant: null);
        return call.StreamAsync(cancellationToken);
    }

    public static FunctionCallContent Call(string id, string tool, params (string Name, object? Value)[] arguments) =>
        new(id, tool, arguments.ToDictionary(static argument => argument.Name, static argument => argument.Value));

    /// <summary>Roles, texts, calls and results, to compare turns.</summary>
    public static string[] Shape(this IEnumerable<ChatMessage> messages) =>
    [
        .. messages.Select(static message => $"{message.Role}: " + string.Join(", ", message.Contents.Select(static content => content switch
        {
            TextContent text => text.Text,
            FunctionCallContent call => $"call {call.CallId}",
            FunctionResultContent result => $"result {result.CallId}={result.Result}",
            _ => content.GetType().Name,
        }))),
    ];

    private static AgentCall Begin(AgentMethod method, string question, Conversation? conversation, ChatOptions? options, string? tenant)
    {
        var call = method.Begin();
        if (conversation is not null)
            call.Conversation(conversation);
        call.Options(options);
        call.Scope(tenant);
        call.UserMessage("question", question);
        return call;
    }
}

using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>The chat libraries the rules know: which calls send, what can be a history, what comes back. Types are matched by namespace and name.</summary>
internal static class ChatApi
{
    public const string Agent = "Microsoft.Agents.AI.AIAgent";
    public const string AgentSession = "Microsoft.Agents.AI.AgentSession";
    public const string KernelAgent = "Microsoft.SemanticKernel.Agents.Agent";
    public const string KernelThread = "Microsoft.SemanticKernel.Agents.AgentThread";
    private const string KernelService = "Microsoft.SemanticKernel.ChatCompletion.IChatCompletionService";

    private static readonly string[] Clients =
    [
        WellKnownNames.IChatClient, KernelService, "OpenAI.Chat.ChatClient", "OpenAI.Responses.ResponsesClient", "OpenAI.Responses.OpenAIResponseClient",
        "Anthropic.Services.IMessageService", "Anthropic.Services.Beta.IMessageService", "Azure.AI.Inference.ChatCompletionsClient",
        "Azure.AI.OpenAI.OpenAIClient", Agent, KernelAgent,
    ];

    private static readonly string[] Messages =
    [
        WellKnownNames.ChatMessage, "Microsoft.SemanticKernel.ChatMessageContent", "OpenAI.Chat.ChatMessage", "OpenAI.Responses.ResponseItem",
        "Anthropic.Models.Messages.MessageParam", "Anthropic.Models.Beta.Messages.BetaMessageParam",
        "Azure.AI.Inference.ChatRequestMessage", "Azure.AI.OpenAI.ChatRequestMessage",
    ];

    private static readonly string[] Responses =
    [
        WellKnownNames.ChatResponse, WellKnownNames.ChatResponseUpdate, "Microsoft.SemanticKernel.ChatMessageContent",
        "Microsoft.SemanticKernel.StreamingChatMessageContent", "OpenAI.Chat.ChatCompletion", "OpenAI.Chat.StreamingChatCompletionUpdate",
        "OpenAI.Responses.ResponseResult", "OpenAI.Responses.OpenAIResponse", "Anthropic.Models.Messages.Message",
        "Azure.AI.Inference.ChatCompletions", "Azure.AI.OpenAI.ChatCompletions", "Microsoft.Agents.AI.AgentResponse",
        "Microsoft.Agents.AI.AgentResponseUpdate", "Microsoft.Agents.AI.AgentRunResponse", "Microsoft.Agents.AI.AgentRunResponseUpdate",
    ];

    private static readonly string[] Sessions = [AgentSession, "Microsoft.Agents.AI.AgentThread", KernelThread];

    private static readonly HashSet<string> SendNames =
    [
        "GetResponseAsync", "GetStreamingResponseAsync",
        // The names of Microsoft.Extensions.AI's first previews.
        "CompleteAsync", "CompleteStreamingAsync",
        "GetChatMessageContentAsync", "GetChatMessageContentsAsync", "GetStreamingChatMessageContentsAsync",
        "CompleteChat", "CompleteChatAsync", "CompleteChatStreaming", "CompleteChatStreamingAsync",
        "CreateResponse", "CreateResponseAsync", "CreateResponseStreaming", "CreateResponseStreamingAsync",
        "Create", "CreateStreaming", "Complete", "CompleteStreaming", "GetChatCompletions", "GetChatCompletionsAsync",
        "GetChatCompletionsStreaming", "GetChatCompletionsStreamingAsync",
        "RunAsync", "RunStreamingAsync", "InvokeAsync", "InvokeStreamingAsync",
    ];

    /// <summary>Whether a client the rules know is referenced or declared.</summary>
    public static bool IsUsedBy(Compilation compilation)
    {
        foreach (var client in Clients)
            if (compilation.GetTypesByMetadataName(client).Length > 0)
                return true;
        return false;
    }

    public static bool IsClient(ITypeSymbol? type) => IsOrHas(type, Clients);

    public static bool IsAgent(ITypeSymbol? type) => type.IsOrDerivesFrom(Agent) || type.IsOrDerivesFrom(KernelAgent);

    /// <summary>Whether a type keeps an agent's history: a session or a thread.</summary>
    public static bool IsSession(ITypeSymbol? type) => IsOrHas(type, Sessions);

    public static bool IsMessage(ITypeSymbol? type) => IsOrHas(type, Messages);

    /// <summary>Whether a type is what a model answered, or a part of it.</summary>
    public static bool IsResponse(ITypeSymbol? type) => IsOrHas(type, Responses);

    /// <summary>Whether values of a type are messages, one after the other.</summary>
    public static bool IsHistory(ITypeSymbol? type)
    {
        if (type is null or { SpecialType: SpecialType.System_String })
            return false;
        if (type is IArrayTypeSymbol array)
            return IsMessage(array.ElementType);
        if (IsMessages(type))
            return true;
        foreach (var implemented in type.AllInterfaces)
            if (IsMessages(implemented))
                return true;
        return false;
    }

    /// <summary>Whether values of a type are messages, or what an application keeps of messages in a type of its own.</summary>
    public static bool IsConversation(ITypeSymbol? type) => IsHistory(type) || OwnMessage.IsListedIn(type);

    /// <summary>The property of a request object that holds the messages; null if there is none.</summary>
    public static IPropertySymbol? MessagesOf(ITypeSymbol? request)
    {
        if (request is not INamedTypeSymbol { SpecialType: SpecialType.None, TypeKind: TypeKind.Class or TypeKind.Struct } || IsHistory(request))
            return null;
        for (var type = request; type is not null; type = type.BaseType)
            foreach (var member in type.GetMembers())
                if (member is IPropertySymbol { IsStatic: false, IsIndexer: false } property && IsHistory(property.Type))
                    return property;
        return null;
    }

    /// <summary>
    /// Whether a call sends to a model: one of a known client, or one that has the shape of it. Code that wraps a client in an
    /// interface of its own still takes messages and gives a response.
    /// </summary>
    public static bool IsSend(IInvocationOperation call) =>
        (SendNames.Contains(call.TargetMethod.Name) && IsClient(call.Receiver()?.Type)) || IsSendByShape(call.TargetMethod);

    /// <summary>A call that has a session or thread of an agent, which keeps the history itself.</summary>
    public static bool HasSession(this IInvocationOperation send)
    {
        foreach (var argument in send.Arguments)
            if (argument.ArgumentKind == ArgumentKind.Explicit
                && argument.Value.Unwrap() is { ConstantValue.HasValue: false } value
                && IsSession(value.Type))
                return true;
        return false;
    }

    private static bool IsSendByShape(IMethodSymbol method)
    {
        // A body that can be seen is looked into instead.
        if (method.IsExtensionMethod || (!method.IsAbstract && method.DeclaringSyntaxReferences.Length > 0) || !GivesResponse(method.ReturnType))
            return false;
        foreach (var parameter in method.Parameters)
            if (IsHistory(parameter.Type))
                return true;
        return false;
    }

    private static bool GivesResponse(ITypeSymbol type)
    {
        // Task<ClientResult<ChatCompletion>>, IAsyncEnumerable<ChatResponseUpdate>, Task<IReadOnlyList<ChatMessageContent>> and the like.
        while (type is INamedTypeSymbol { TypeArguments: [var argument] } && !IsResponse(type))
            type = argument;
        return IsResponse(type);
    }

    private static bool IsMessages(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Collections_Generic_IEnumerable_T, TypeArguments: [var element] }
        && IsMessage(element);

    private static bool IsOrHas(ITypeSymbol? type, string[] names)
    {
        if (type is null or { SpecialType: not SpecialType.None })
            return false;
        for (var current = type; current is not null; current = current.BaseType)
            if (IsOne(current, names))
                return true;
        foreach (var implemented in type.AllInterfaces)
            if (IsOne(implemented, names))
                return true;
        return false;
    }

    private static bool IsOne(ITypeSymbol type, string[] names)
    {
        foreach (var name in names)
            if (type.Is(name))
                return true;
        return false;
    }
}

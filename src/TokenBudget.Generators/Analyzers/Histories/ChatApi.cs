using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>The chat clients the rules know: which calls send, and what can be a history.</summary>
internal static class ChatApi
{
    private const string KernelService = "Microsoft.SemanticKernel.ChatCompletion.IChatCompletionService";
    private const string OpenAIClient = "OpenAI.Chat.ChatClient";

    private static readonly string[] Clients = [WellKnownNames.IChatClient, KernelService, OpenAIClient];

    private static readonly string[] Messages =
        [WellKnownNames.ChatMessage, "Microsoft.SemanticKernel.ChatMessageContent", "OpenAI.Chat.ChatMessage"];

    private static readonly string[] TestFrameworks = ["xunit.core", "xunit.v3.core", "nunit.framework", "Microsoft.VisualStudio.TestPlatform.TestFramework"];

    private static readonly HashSet<string> SendNames =
    [
        "GetResponseAsync", "GetStreamingResponseAsync",
        // The names of Microsoft.Extensions.AI's first previews.
        "CompleteAsync", "CompleteStreamingAsync",
        "GetChatMessageContentAsync", "GetChatMessageContentsAsync", "GetStreamingChatMessageContentsAsync",
        "CompleteChat", "CompleteChatAsync", "CompleteChatStreaming", "CompleteChatStreamingAsync",
    ];

    /// <summary>Whether the rules have anything to do: a client is referenced, and this is no test project, where histories are short.</summary>
    public static bool IsUsedBy(Compilation compilation)
    {
        foreach (var assembly in compilation.ReferencedAssemblyNames)
            if (Array.IndexOf(TestFrameworks, assembly.Name) >= 0)
                return false;
        foreach (var client in Clients)
            if (compilation.GetTypesByMetadataName(client).Length > 0)
                return true;
        return false;
    }

    public static bool IsClient(ITypeSymbol? type) => IsOrHas(type, Clients);

    /// <summary>Whether values of a type are messages, one after the other.</summary>
    public static bool IsHistory(ITypeSymbol? type)
    {
        if (type is null or { SpecialType: SpecialType.System_String })
            return false;
        if (IsMessages(type))
            return true;
        foreach (var implemented in type.AllInterfaces)
            if (IsMessages(implemented))
                return true;
        return false;
    }

    public static bool IsSend(IInvocationOperation call) =>
        SendNames.Contains(call.TargetMethod.Name) && IsClient(Receiver(call)?.Type);

    /// <summary>What a method is called on, also if it is an extension.</summary>
    public static IOperation? Receiver(IInvocationOperation call) =>
        call.Instance is { } instance ? Unwrap(instance)
        : call is { TargetMethod.IsExtensionMethod: true, Arguments.Length: > 0 } ? Unwrap(call.Arguments[0].Value)
        : null;

    public static IOperation Unwrap(IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation conversion:
                    operation = conversion.Operand;
                    break;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    break;
                case IAwaitOperation awaited:
                    operation = awaited.Operation;
                    break;
                default:
                    return operation;
            }
        }
    }

    private static bool IsMessages(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Collections_Generic_IEnumerable_T, TypeArguments: [var element] }
        && IsOrHas(element, Messages);

    private static bool IsOrHas(ITypeSymbol? type, string[] names)
    {
        for (var current = type; current is not null; current = current.BaseType)
            if (IsOne(current, names))
                return true;
        if (type is not null)
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

using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>Whether code runs the tools a model asked for.</summary>
internal static class ToolUse
{
    private static readonly string[] Results =
    [
        "Microsoft.Extensions.AI.FunctionResultContent", "Microsoft.SemanticKernel.FunctionResultContent", "OpenAI.Chat.ToolChatMessage",
        "Anthropic.Models.Messages.ToolResultBlockParam", "OpenAI.Responses.FunctionCallOutputResponseItem",
    ];

    private static readonly string[] Tools =
        ["Microsoft.Extensions.AI.AIFunction", "Microsoft.SemanticKernel.KernelFunction", "Microsoft.SemanticKernel.FunctionCallContent"];

    public static bool IsIn(IOperation operation)
    {
        foreach (var part in operation.Descendants())
        {
            if (part is IObjectCreationOperation { Type: { } type } && IsAny(type, Results))
                return true;
            if (part is IInvocationOperation { TargetMethod.Name: "InvokeAsync" } call && call.Receiver()?.Type is { } receiver && IsAny(receiver, Tools))
                return true;
        }

        return false;
    }

    private static bool IsAny(ITypeSymbol type, string[] names)
    {
        foreach (var name in names)
            if (type.IsOrDerivesFrom(name))
                return true;
        return false;
    }
}

using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0013: options that let the model write as much as it likes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NoOutputLimitAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.NoOutputLimit,
        "Chat options have no output limit",
        "These options set no limit of output tokens: an answer may be as long as the model can write, and output costs several times what input does",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: false,
        "The longest answers are the most expensive and mostly a mistake. Off by default: reasoning models need room that a small limit takes from them.",
        Rule.HelpLink(DiagnosticIds.NoOutputLimit));

    private static readonly HashSet<string> Limits = ["MaxOutputTokens", "MaxTokens", "MaxOutputTokenCount", "MaxCompletionTokens", "NumPredict"];

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var creation in member.Creations)
            if (IsOptions(creation.Type) && creation.Arguments.Length == 0 && !IsLimited(creation, member) && !context.Code.Project.Mentions("ConfigureOptions(", ".Bind("))
                context.Report(creation.Syntax);
    }

    private static bool IsOptions(ITypeSymbol? type) =>
        type.IsOrDerivesFrom(WellKnownNames.ChatOptions)
        || type.IsOrDerivesFrom("OpenAI.Chat.ChatCompletionOptions")
        || type is { Name: not "PromptExecutionSettings" } && type.IsOrDerivesFrom("Microsoft.SemanticKernel.PromptExecutionSettings");

    private static bool IsLimited(IObjectCreationOperation creation, ChatMember member)
    {
        var name = (creation.Parent?.Parent as IVariableDeclaratorOperation)?.Symbol;
        foreach (var assignment in member.Assignments)
            if (assignment.Target is IPropertyReferenceOperation property
                && Limits.Contains(property.Property.Name)
                && (assignment.IsIn(creation) || (name is not null && SymbolEqualityComparer.Default.Equals(property.Instance.Symbol(), name))))
                return true;
        return false;
    }
}

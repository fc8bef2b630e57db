namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0011: automatic tool calls that nobody has thought of a limit for.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DefaultToolLimitAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.DefaultToolLimit,
        "Automatic tool calls have the default limit",
        "Tools are called automatically, up to the library's default of 40 rounds, each of which resends all rounds before. Set MaximumIterationsPerRequest to what a request should need.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "Few requests need more than a handful of rounds; one that goes wrong uses all of them.",
        Rule.HelpLink(DiagnosticIds.DefaultToolLimit));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var call in member.Calls)
            if (call.TargetMethod is { Name: "UseFunctionInvocation", IsExtensionMethod: true } && !SetsLimit(call) && IsLeftAlone(context))
                context.Report(call.NameLocation());
        foreach (var creation in member.Creations)
            if (creation.Type?.Name == "FunctionInvokingChatClient" && !SetsLimit(creation) && IsLeftAlone(context))
                context.Report(creation.Syntax);
    }

    private static bool SetsLimit(IOperation registration)
    {
        foreach (var part in registration.Descendants())
            if (part is ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property.Name: "MaximumIterationsPerRequest" } })
                return true;
        return false;
    }

    /// <summary>Tools are there, and the limit is not set anywhere else.</summary>
    private static bool IsLeftAlone(ChatContext context) =>
        !context.Code.Project.Mentions("MaximumIterationsPerRequest =", "MaximumIterationsPerRequest=") && context.Code.Project.Mentions("AIFunction", "AITool", "Tools");
}

using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0011: automatic tool calls that nobody has thought of a limit for.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DefaultToolLimitAnalyzer() : ChatAnalyzer(Descriptor)
{
    private const string SetIt = "Set MaximumIterationsPerRequest to what a request should need";
    private const string Filter = "Add an IAutoFunctionInvocationFilter that ends them (context.Terminate) at the RequestSequenceIndex a request should need";

    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.DefaultToolLimit,
        "Automatic tool calls have the default limit",
        "Tools are called automatically, up to the library's default of {0} rounds, each of which resends all rounds before. {1}.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "Few requests need more than a handful of rounds; one that goes wrong uses all of them.",
        Rule.HelpLink(DiagnosticIds.DefaultToolLimit));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var call in member.Calls)
            if (call.TargetMethod is { Name: "UseFunctionInvocation", IsExtensionMethod: true } && !SetsLimit(call) && IsLeftAlone(context))
                context.Report(call.NameLocation(), 40, SetIt);
            else if (IsKernelChoice(call.TargetMethod) && !IsByHand(call) && !HasFilter(context))
                context.Report(call.NameLocation(), 128, Filter);
        foreach (var creation in member.Creations)
            if (creation.Type?.Name == "FunctionInvokingChatClient" && !SetsLimit(creation) && IsLeftAlone(context))
                context.Report(creation.Syntax, 40, SetIt);
        foreach (var assignment in member.Assignments)
            if (assignment.Value.Unwrap() is IPropertyReferenceOperation { Property: { Name: "AutoInvokeKernelFunctions", ContainingType.Name: "ToolCallBehavior" } } && !HasFilter(context))
                context.Report(assignment.Value.Syntax, 128, Filter);
    }

    /// <summary>Semantic Kernel's: <c>FunctionChoiceBehavior.Auto()</c> and <c>.Required()</c>.</summary>
    private static bool IsKernelChoice(IMethodSymbol method) =>
        method is { IsStatic: true, Name: "Auto" or "Required" } && method.ContainingType.Is("Microsoft.SemanticKernel.FunctionChoiceBehavior");

    /// <summary>With <c>autoInvoke: false</c> the calls are the program's own to run, and to count.</summary>
    private static bool IsByHand(IInvocationOperation call)
    {
        foreach (var argument in call.Arguments)
            if (argument.Parameter?.Name == "autoInvoke" && argument.Value.ConstantValue is { HasValue: true, Value: false })
                return true;
        return false;
    }

    /// <summary>Where there is a filter, it is what ends the rounds.</summary>
    private static bool HasFilter(ChatContext context) => context.Code.Project.Mentions("IAutoFunctionInvocationFilter", "AutoFunctionInvocationFilters");

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

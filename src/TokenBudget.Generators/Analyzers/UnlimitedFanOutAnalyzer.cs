using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0025: as many requests at once as there are items.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnlimitedFanOutAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnlimitedFanOut,
        "Model calls fan out without a limit",
        "A request is sent for every item at once: the provider's rate limit refuses most of them, and all are paid for when one failure ends the batch. Use Parallel.ForEachAsync with a MaxDegreeOfParallelism.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "Providers count requests and tokens per minute. Hundreds at once are refused, tried again, and refused again.",
        Rule.HelpLink(DiagnosticIds.UnlimitedFanOut));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        if (member.Sends.Count == 0)
            return;
        foreach (var call in member.Calls)
        {
            if (IsAllAtOnce(call, member) && !context.Code.Project.Mentions("RateLimiter", "RateLimited", "WithTokenBudget", "SemaphoreSlim"))
                context.Report(call.Syntax is InvocationExpressionSyntax { Expression: var method } ? method.GetLocation() : call.Syntax.GetLocation());
        }
    }

    private static bool IsAllAtOnce(IInvocationOperation call, ChatMember member)
    {
        if (call.TargetMethod is not { Name: "WhenAll" or "WhenEach", ContainingType.Name: "Task" } || call.Arguments.Length == 0)
            return false;
        var tasks = call.Arguments[0].Value.Unwrap();
        if (tasks is ILocalReferenceOperation { Local: var local } && member.Histories.Flow.ValuesOf(local) is [var value])
            tasks = value.Unwrap();
        while (tasks is IInvocationOperation { TargetMethod.Name: "ToList" or "ToArray" } copy && copy.Receiver() is { } inner)
            tasks = inner;
        return tasks is IInvocationOperation { TargetMethod.Name: "Select" } select && Sends(select) && !IsFixed(select.Receiver(), member);
    }

    private static bool Sends(IInvocationOperation call) =>
        call.Descendants().Any(static part => part is IInvocationOperation send && ChatApi.IsSend(send));

    /// <summary>As many as are written down.</summary>
    private static bool IsFixed(IOperation? items, ChatMember member) => items switch
    {
        IArrayCreationOperation or ICollectionExpressionOperation => true,
        ILocalReferenceOperation { Local: var local } => member.Histories.Flow.ValuesOf(local) is [var value] && IsFixed(value.Unwrap(), member),
        IInvocationOperation { TargetMethod.Name: "Take" or "Chunk" } => true,
        IInvocationOperation { TargetMethod: { Name: "Range", ContainingType.Name: "Enumerable" }, Arguments: [_, { Value.ConstantValue.HasValue: true }] } => true,
        _ => false,
    };
}

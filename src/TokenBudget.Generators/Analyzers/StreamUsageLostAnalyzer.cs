namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0021: a streamed answer nobody knows the price of.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StreamUsageLostAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.StreamUsageLost,
        "The usage of a stream is lost",
        "The tokens this stream used come with its last update, and nothing reads them: what the answer cost is never known. Keep the updates and use ToChatResponse(), or give the client a budget.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: false,
        "A stream tells its usage once, at its end. Off by default: usage is best read by a client that stands around all calls.",
        Rule.HelpLink(DiagnosticIds.StreamUsageLost));

    private static readonly string[] Readers = ["UseOpenTelemetry", "WithTokenBudget", "UsageContent", "ToChatResponse", "UsageDetails", "AddTokenBudget"];

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var loop in member.Loops)
            if (loop is IForEachLoopOperation { IsAsynchronous: true } stream
                && StreamOf(stream.Collection, member) is { } send
                && !UsesMoreThanText(stream)
                && !context.Code.Project.Mentions(Readers))
                context.Report(send.NameLocation());
    }

    private static IInvocationOperation? StreamOf(IOperation collection, ChatMember member) => collection.Unwrap() switch
    {
        IInvocationOperation call when ChatApi.IsSend(call) => call,
        ILocalReferenceOperation { Local: var local } when member.Histories.Flow.ValuesOf(local) is [var value] => StreamOf(value, member),
        _ => null,
    };

    /// <summary>Whether an update is kept, handed on, or asked for anything but its text.</summary>
    private static bool UsesMoreThanText(IForEachLoopOperation stream)
    {
        foreach (var part in stream.Body.Descendants())
        {
            if (part is not ILocalReferenceOperation { Local: var local } || !stream.Locals.Contains(local, SymbolEqualityComparer.Default))
                continue;
            var use = part.Parent;
            while (use is IConversionOperation or IConditionalAccessOperation)
                use = use.Parent;
            if (use is IArgumentOperation { Parent: IInvocationOperation { TargetMethod: var method } } && method.ContainingType.Name is not ("Console" or "StringBuilder"))
                return true;
            if (use is IPropertyReferenceOperation { Property.Name: "Usage" or "Contents" or "Metadata" or "InnerContent" or "RawRepresentation" } or IReturnOperation)
                return true;
            if (use is ISimpleAssignmentOperation or IVariableInitializerOperation)
                return true;
        }

        return false;
    }
}

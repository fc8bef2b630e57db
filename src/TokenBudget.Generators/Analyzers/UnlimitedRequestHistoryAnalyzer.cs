namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0023: a server that sends whatever history a caller hands in.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnlimitedRequestHistoryAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnlimitedRequestHistory,
        "A request carries an unlimited history",
        "'{0}' comes from the caller and is sent whole: anyone can make this server pay for a prompt of any length. Take the last messages only, and limit their length.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "An endpoint that forwards a list from the request body is an open tap: no limit of the provider is as low as a user's patience.",
        Rule.HelpLink(DiagnosticIds.UnlimitedRequestHistory));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        if (member.Sends.Count == 0 || member.Symbol is not IMethodSymbol || !context.Code.Project.IsServer)
            return;
        var reported = new HashSet<IOperation>();
        foreach (var send in member.Sends)
        {
            foreach (var argument in send.Arguments)
            {
                if (!ChatApi.IsHistory(argument.Value.Unwrap().Type) && argument.Value.Unwrap() is not ICollectionExpressionOperation)
                    continue;
                if (FromCaller(argument.Value, send, member) is { } parameter && reported.Add(send))
                    context.Report(argument.Value.Syntax, parameter);
            }
        }
    }

    /// <summary>The collection of a request that a list is made of, directly, by a projection, or message by message.</summary>
    private static string? FromCaller(IOperation carrier, IInvocationOperation send, ChatMember member)
    {
        if (SentContent.IsLimitedIn(send.Function()))
            return null;
        foreach (var part in SentContent.PartsOf(carrier, member))
        {
            if (part is not (IParameterReferenceOperation or IPropertyReferenceOperation { Instance: IParameterReferenceOperation }) || !IsList(part.Type))
                continue;
            var parameter = part as IParameterReferenceOperation ?? (IParameterReferenceOperation)((IPropertyReferenceOperation)part).Instance!;
            if (IsOfEndpoint(parameter.Parameter, send, member))
                return part.Syntax.ToString();
        }

        return null;
    }

    private static bool IsList(ITypeSymbol? type) =>
        type is IArrayTypeSymbol or INamedTypeSymbol { SpecialType: not SpecialType.System_String, TypeArguments.Length: 1 }
        && type.AllInterfaces.Any(static implemented => implemented.SpecialType == SpecialType.System_Collections_IEnumerable);

    /// <summary>A handler of a route, an action of a controller, a method of a hub.</summary>
    private static bool IsOfEndpoint(IParameterSymbol parameter, IInvocationOperation send, ChatMember member)
    {
        if (parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.AnonymousFunction or MethodKind.LocalFunction })
            return Loops.Around(send, member).Exists(static loop => loop is IAnonymousFunctionOperation or ILocalFunctionOperation);
        for (var type = parameter.ContainingType; type is not null; type = type.BaseType)
            if (type.Name is "ControllerBase" or "Hub" && type.ContainingNamespace.ToDisplayString().StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal))
                return true;
        return false;
    }
}

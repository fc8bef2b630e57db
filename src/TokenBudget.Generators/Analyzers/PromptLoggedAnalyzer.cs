namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0019: what users and models said stands in the log.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class PromptLoggedAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.PromptLogged,
        "A prompt or an answer is written to the log",
        "'{0}' is written to the log as it was said: whoever reads the log reads the conversation, and its storage is paid for. Log a length or an id, or use LogDebug.",
        Rule.Privacy,
        DiagnosticSeverity.Info,
        isEnabledByDefault: false,
        "Logs are kept for long, copied to many places and read by many people. Off by default: it is a choice in development.",
        Rule.HelpLink(DiagnosticIds.PromptLogged));

    private static readonly HashSet<string> Levels = ["LogInformation", "LogWarning", "LogError", "LogCritical"];

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        Replies? replies = null;
        foreach (var log in member.Calls)
        {
            if (!Levels.Contains(log.TargetMethod.Name) || !IsLogger(log.Receiver()?.Type))
                continue;
            foreach (var value in ValuesIn(log))
            {
                if (!IsWhatWasSaid(value, member, replies ??= new Replies(member)))
                    continue;
                context.Report(value.Syntax, value.Syntax);
                break;
            }
        }
    }

    private static bool IsLogger(ITypeSymbol? type) =>
        type is not null && (type.Name == "ILogger" || type.AllInterfaces.Any(static implemented => implemented.Name == "ILogger"));

    /// <summary>The values a log call writes, those in an interpolated text included.</summary>
    private static IEnumerable<IOperation> ValuesIn(IInvocationOperation log)
    {
        foreach (var argument in log.Arguments)
        {
            if (argument.Value.Unwrap() is IArrayCreationOperation { Initializer.ElementValues: var values })
                foreach (var value in values)
                    yield return value.Unwrap();
            else if (argument.Value.Unwrap() is IInterpolatedStringOperation text)
                foreach (var part in text.Parts)
                    if (part is IInterpolationOperation interpolation)
                        yield return interpolation.Expression.Unwrap();
        }
    }

    private static bool IsWhatWasSaid(IOperation value, ChatMember member, Replies replies)
    {
        if (ChatApi.IsConversation(value.Type) || ChatApi.IsMessage(value.Type) || ChatApi.IsResponse(value.Type))
            return true;
        if (value is IPropertyReferenceOperation { Property.Name: "Text" or "Content", Instance.Type: var owner } && (ChatApi.IsMessage(owner) || ChatApi.IsResponse(owner)))
            return true;
        if (value.Type?.SpecialType != SpecialType.System_String || value.Symbol() is not (ILocalSymbol or IParameterSymbol))
            return false;
        return replies.In(value).Count > 0 || IsPrompt(value.Symbol()!, member);
    }

    /// <summary>A text that is sent, or that a sent message is made of.</summary>
    private static bool IsPrompt(ISymbol text, ChatMember member)
    {
        foreach (var send in member.Sends)
            if (send.Arguments.Any(argument => argument.ArgumentKind != ArgumentKind.DefaultValue && SymbolEqualityComparer.Default.Equals(argument.Value.Symbol(), text)))
                return true;
        foreach (var creation in member.Creations)
            if (ChatApi.IsMessage(creation.Type) && creation.Arguments.Any(argument => SymbolEqualityComparer.Default.Equals(argument.Value.Symbol(), text)))
                return true;
        return false;
    }
}

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0024: a prompt with a whole file, page or collection in it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnlimitedTextAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnlimitedText,
        "A prompt holds a text of any length",
        "'{0}' may be of any length, and it is sent: one large file pays for thousands of small ones, or does not fit the model at all. Cut it to what the question needs.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: false,
        "The longest input is the dearest and is mostly not what the author had in mind. Off by default: many files are known to be small.",
        Rule.HelpLink(DiagnosticIds.UnlimitedText));

    /// <summary>Methods that give a whole text, and the types they are methods of.</summary>
    private static readonly Dictionary<string, string[]> Readers = new()
    {
        ["ReadAllText"] = ["File"], ["ReadAllTextAsync"] = ["File"], ["ReadAllLines"] = ["File"], ["ReadAllLinesAsync"] = ["File"],
        ["ReadToEnd"] = ["TextReader", "StreamReader"], ["ReadToEndAsync"] = ["TextReader", "StreamReader"],
        ["GetStringAsync"] = ["HttpClient"], ["ReadAsStringAsync"] = ["HttpContent"],
        ["Serialize"] = ["JsonSerializer"],
    };

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        var reported = new HashSet<SyntaxNode>();
        foreach (var send in member.Sends)
        {
            if (SentContent.IsLimitedIn(send.Function()))
                continue;
            foreach (var argument in send.Arguments)
            {
                if (argument.ArgumentKind == ArgumentKind.DefaultValue || ChatApi.IsSession(argument.Value.Unwrap().Type))
                    continue;
                foreach (var part in SentContent.PartsOf(argument.Value, member))
                    if (part is IInvocationOperation reader && IsUnlimited(reader) && reported.Add(reader.Syntax))
                        context.Report(reader.Syntax, $"{reader.TargetMethod.ContainingType.Name}.{reader.TargetMethod.Name}");
            }
        }
    }

    private static bool IsUnlimited(IInvocationOperation reader) =>
        Readers.TryGetValue(reader.TargetMethod.Name, out var types)
        && Array.IndexOf(types, reader.TargetMethod.ContainingType.Name) >= 0
        && (reader.TargetMethod.Name != "Serialize" || HoldsMany(reader));

    /// <summary>An object is as long as its class; a collection is as long as it is.</summary>
    private static bool HoldsMany(IInvocationOperation serializer) =>
        serializer.Arguments.Length > 0
        && serializer.Arguments[0].Value.Unwrap().Type is { SpecialType: not SpecialType.System_String } type
        && (type is IArrayTypeSymbol || type.AllInterfaces.Any(static implemented => implemented.SpecialType == SpecialType.System_Collections_IEnumerable));
}

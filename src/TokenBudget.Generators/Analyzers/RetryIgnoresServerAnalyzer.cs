using TokenBudget.Generators.Analyzers.Retries;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0015: an attempt after a fixed wait, whatever the provider said.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class RetryIgnoresServerAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.RetryIgnoresServer,
        "A retry does not ask the provider how long to wait",
        "After 429 the provider says how long to wait; this retry waits the same time always. Read Retry-After, and wait longer each time without it.",
        Rule.Cost,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A fixed wait is too short while a limit holds, so attempts are wasted, and it makes all callers come back at once.",
        Rule.HelpLink(DiagnosticIds.RetryIgnoresServer));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var retry in RetryLoop.In(member))
            if (retry.Waits && retry.Delays.All(IsConstant) && Mentions(retry, "TooManyRequests", "429") && !Mentions(retry, "RetryAfter", "Retry-After"))
                context.Report(retry.Delays.First().Syntax);
    }

    private static bool IsConstant(IInvocationOperation delay)
    {
        if (delay.TargetMethod.Name is not ("Delay" or "Sleep") || delay.Arguments.Length == 0)
            return false;
        var time = delay.Arguments[0].Value.Unwrap();
        return time.ConstantValue.HasValue
            || time is IInvocationOperation { TargetMethod.ContainingType.Name: "TimeSpan", Arguments: [{ Value.ConstantValue.HasValue: true }, ..] };
    }

    private static bool Mentions(RetryLoop retry, params string[] words) => SourceWords.Has(retry.Loop.Syntax, words, CancellationToken.None);
}

using Microsoft.CodeAnalysis.CSharp.Syntax;
using TokenBudget.Generators.Analyzers.Retries;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0014: a failed request is sent again at once.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class RetryWithoutDelayAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.RetryWithoutDelay,
        "A failed request is tried again without a delay",
        "A request that fails is sent again at once: a provider that limits the rate counts it too, and refuses for longer. Wait before the next attempt, longer each time.",
        Rule.Cost,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Most failures of a model's API are limits of rate and load. Attempts without a pause use up the limit, and where input was read they are paid for.",
        Rule.HelpLink(DiagnosticIds.RetryWithoutDelay));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var retry in RetryLoop.In(member))
            if (!retry.Waits && !retry.ChangesClient)
                context.Report(((CatchClauseSyntax)retry.Catch.Syntax).CatchKeyword.GetLocation());
    }
}

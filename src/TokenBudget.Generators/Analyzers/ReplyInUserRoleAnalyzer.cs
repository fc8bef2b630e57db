namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0006: the model is told that the user said what it said itself.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReplyInUserRoleAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.ReplyInUserRole,
        "A reply is stored with the user's role",
        "A reply is added to '{0}' as if the user had said it: the model takes its own words for a new question. Add it with the assistant's role.",
        Rule.Cost,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A model that reads its own answer as a question answers it again, at length; and the roles of a history no longer alternate, which some providers refuse.",
        Rule.HelpLink(DiagnosticIds.ReplyInUserRole));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        var facts = member.Histories;
        if (facts.Sends.Count == 0)
            return;
        var replies = new Replies(member);
        foreach (var growth in facts.Growths)
        {
            if (growth.Operation is not IInvocationOperation add || UserMessage.TextIn(add) is not { } text)
                continue;
            foreach (var send in replies.Exactly(text))
            {
                // Two agents that talk to each other have a list each.
                if (!facts.Sends.Exists(other => other.Call == send && other.Holder.Equals(growth.Holder)))
                    continue;
                context.Report(add.Syntax, growth.Holder);
                break;
            }
        }
    }
}

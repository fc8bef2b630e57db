using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Analyzers.Chats;
using TokenBudget.Generators.Analyzers.Histories;
using TokenBudget.Generators.Diagnostics;

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
            if (growth.Operation is not IInvocationOperation { Arguments: [.., var last] } add || UserText(add, last.Value) is not { } text)
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

    /// <summary>The text that is added as the user's.</summary>
    private static IOperation? UserText(IInvocationOperation add, IOperation last)
    {
        if (add.TargetMethod.Name == "AddUserMessage")
            return last;
        if (add.TargetMethod.Name != "Add" || last.Unwrap() is not IObjectCreationOperation creation)
            return null;
        return creation.Arguments switch
        {
            [var text, ..] when creation.Type?.Name == "UserChatMessage" => text.Value,
            [var role, var text, ..] when role.Value.Unwrap() is IPropertyReferenceOperation { Property: { Name: "User", ContainingType.Name: "ChatRole" or "AuthorRole" } } => text.Value,
            _ => null,
        };
    }
}

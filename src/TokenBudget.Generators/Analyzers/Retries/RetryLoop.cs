using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TokenBudget.Generators.Analyzers.Retries;

/// <summary>A loop that sends one request until it succeeds.</summary>
internal sealed class RetryLoop
{
    private static readonly string[] Waiting = ["Delay", "Sleep", "Wait", "Backoff", "BackOff", "Pause"];

    private RetryLoop(ILoopOperation loop, ICatchClauseOperation clause, IInvocationOperation send) => (Loop, Catch, Send) = (loop, clause, send);

    public ILoopOperation Loop { get; }

    /// <summary>What lets the loop go on after a failure.</summary>
    public ICatchClauseOperation Catch { get; }

    public IInvocationOperation Send { get; }

    /// <summary>The calls that wait between two attempts.</summary>
    public IEnumerable<IInvocationOperation> Delays
    {
        get
        {
            foreach (var part in Loop.Descendants())
                if (part is IInvocationOperation call && IsWaiting(call.TargetMethod.Name))
                    yield return call;
        }
    }

    public bool Waits => Delays.Any();

    /// <summary>Whether the next attempt goes to another client: that is no retry.</summary>
    public bool ChangesClient
    {
        get
        {
            if (Send.Receiver().Symbol() is not { } client)
                return Send.Receiver() is IPropertyReferenceOperation { Arguments.Length: > 0 } or IArrayElementReferenceOperation;
            if (client is ILocalSymbol { DeclaringSyntaxReferences: [var reference] } && Loop.Syntax.Span.Contains(reference.Span))
                return true;
            foreach (var part in Loop.Descendants())
                if (part is IAssignmentOperation assignment && SymbolEqualityComparer.Default.Equals(assignment.Target.Symbol(), client))
                    return true;
            return false;
        }
    }

    public static IEnumerable<RetryLoop> In(ChatMember member)
    {
        if (member.Sends.Count == 0)
            yield break;
        foreach (var loop in member.Loops)
        {
            if (loop is IForEachLoopOperation || HumanInput.IsReadIn(loop))
                continue;
            foreach (var part in loop.Body.DescendantsAndSelf())
            {
                if (part is not ITryOperation attempt || !LeavesOnSuccess(attempt, loop) || SendIn(attempt, member) is not { } send)
                    continue;
                foreach (var clause in attempt.Catches)
                    if (GoesOn(clause))
                        yield return new RetryLoop(loop, clause, send);
            }
        }
    }

    private static bool IsWaiting(string method)
    {
        foreach (var word in Waiting)
            if (method.IndexOf(word, StringComparison.Ordinal) >= 0)
                return true;
        return false;
    }

    private static IInvocationOperation? SendIn(ITryOperation attempt, ChatMember member) =>
        member.Sends.Find(send => send.IsIn(attempt.Body) && send.Function() == attempt.Function());

    /// <summary>A success ends the loop. Where it does not, each round has its own request, and a failure goes on to the next one.</summary>
    private static bool LeavesOnSuccess(ITryOperation attempt, ILoopOperation loop)
    {
        foreach (var part in attempt.Body.Descendants())
        {
            if (part is IReturnOperation or IBranchOperation { BranchKind: BranchKind.Break } && part.Function() == attempt.Function())
                return true;
            if (part is ISimpleAssignmentOperation assignment
                && assignment.Target.Symbol() is ILocalSymbol { Type.SpecialType: SpecialType.System_Boolean } done
                && loop is IWhileLoopOperation { Condition: { } condition }
                && condition.Mentions(done))
                return true;
        }

        return false;
    }

    /// <summary>Whether the next round follows a failure: the clause has a way that neither throws nor leaves.</summary>
    private static bool GoesOn(ICatchClauseOperation clause) =>
        clause.Syntax is CatchClauseSyntax { Block.Statements: var statements }
        && (statements.Count == 0 || statements[statements.Count - 1] is not (ThrowStatementSyntax or ReturnStatementSyntax or BreakStatementSyntax));
}

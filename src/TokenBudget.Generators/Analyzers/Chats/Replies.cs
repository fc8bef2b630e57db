namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>Which variables of a member hold what a model answered.</summary>
internal sealed class Replies
{
    private readonly Dictionary<ISymbol, HashSet<IInvocationOperation>> _sends = new(SymbolEqualityComparer.Default);

    public Replies(ChatMember member)
    {
        // A reply may go from hand to hand: three times is more than code does.
        for (var pass = 0; pass < 3; pass++)
        {
            foreach (var operation in member.Body.Descendants())
                Read(operation);
        }
    }

    /// <summary>The sends an expression's value comes from, whole or in part.</summary>
    public HashSet<IInvocationOperation> In(IOperation expression)
    {
        var sends = new HashSet<IInvocationOperation>();
        foreach (var part in expression.DescendantsAndSelf())
        {
            if (part is IInvocationOperation call && ChatApi.IsSend(call))
                sends.Add(call);
            else if (part.Symbol() is { } symbol && _sends.TryGetValue(symbol, out var known))
                sends.UnionWith(known);
        }

        return sends;
    }

    /// <summary>The same if the expression is the reply and nothing besides: <c>response.Text</c>, not a sentence about it.</summary>
    public HashSet<IInvocationOperation> Exactly(IOperation expression)
    {
        var current = expression.Unwrap();
        while (true)
        {
            switch (current)
            {
                case IMemberReferenceOperation { Instance: { } instance }:
                    current = instance.Unwrap();
                    break;
                case IInvocationOperation { TargetMethod.Name: "ToString" or "Trim" or "Last" or "First", Arguments.Length: <= 1 } call when call.Receiver() is { } receiver:
                    current = receiver;
                    break;
                case ICoalesceOperation coalesce:
                    current = coalesce.Value.Unwrap();
                    break;
                case IConditionalAccessOperation access:
                    current = access.Operation.Unwrap();
                    break;
                case ILocalReferenceOperation:
                    return In(current);
                case IInvocationOperation send when ChatApi.IsSend(send):
                    return [send];
                default:
                    return [];
            }
        }
    }

    private void Read(IOperation operation)
    {
        switch (operation)
        {
            case IVariableDeclaratorOperation { Initializer.Value: var value, Symbol: var local }:
                Add(local, value);
                break;
            case IAssignmentOperation assignment when assignment.Target.Symbol() is ILocalSymbol local:
                Add(local, assignment.Value);
                break;
            case IForEachLoopOperation loop:
                foreach (var local in loop.Locals)
                    Add(local, loop.Collection);
                break;
            case IInvocationOperation { TargetMethod.Name: "Append" or "AppendLine" or "Add" } call when call.Receiver().Symbol() is ILocalSymbol local && !ChatApi.IsHistory(local.Type):
                foreach (var argument in call.Arguments)
                    Add(local, argument.Value);
                break;
        }
    }

    private void Add(ISymbol variable, IOperation value)
    {
        var sends = In(value);
        if (sends.Count == 0)
            return;
        if (_sends.TryGetValue(variable, out var known))
            known.UnionWith(sends);
        else
            _sends.Add(variable, sends);
    }
}

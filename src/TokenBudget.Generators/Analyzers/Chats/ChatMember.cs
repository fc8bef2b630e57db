namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>One member with code, lambdas and local functions in it included, or a top-level program.</summary>
internal sealed class ChatMember
{
    /// <summary>How many calls deep a history is followed into helpers.</summary>
    private const int MaxDepth = 2;

    private readonly HistoryFacts?[] _facts = new HistoryFacts?[MaxDepth + 1];
    private readonly ChatCode _code;

    public ChatMember(ISymbol symbol, IOperation body, ChatCode code)
    {
        Symbol = symbol;
        Body = body;
        _code = code;
        foreach (var operation in body.DescendantsAndSelf())
            Sort(operation);
    }

    public ISymbol Symbol { get; }

    public INamedTypeSymbol? Type => Symbol.ContainingType;

    public IOperation Body { get; }

    /// <summary>All calls, in the order of the source.</summary>
    public List<IInvocationOperation> Calls { get; } = [];

    /// <summary>The calls that send to a model.</summary>
    public List<IInvocationOperation> Sends { get; } = [];

    public List<IObjectCreationOperation> Creations { get; } = [];

    public List<ISimpleAssignmentOperation> Assignments { get; } = [];

    public List<IVariableDeclaratorOperation> Declarations { get; } = [];

    public List<ILoopOperation> Loops { get; } = [];

    /// <summary>What the member does with histories.</summary>
    public HistoryFacts Histories => FactsAt(MaxDepth);

    /// <summary>The same, following helpers no deeper than that; so there is no end of two that call each other.</summary>
    public HistoryFacts FactsAt(int depth) => _facts[depth] ??= new HistoryFacts(this, _code, depth);

    private void Sort(IOperation operation)
    {
        switch (operation)
        {
            case IInvocationOperation call:
                Calls.Add(call);
                if (ChatApi.IsSend(call))
                    Sends.Add(call);
                break;
            case IObjectCreationOperation creation:
                Creations.Add(creation);
                break;
            case ISimpleAssignmentOperation assignment:
                Assignments.Add(assignment);
                break;
            case IVariableDeclaratorOperation declarator:
                Declarations.Add(declarator);
                break;
            case ILoopOperation loop:
                Loops.Add(loop);
                break;
        }
    }
}

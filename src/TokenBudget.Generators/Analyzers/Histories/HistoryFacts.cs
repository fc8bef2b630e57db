using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>What the code of one member does with histories.</summary>
internal sealed class HistoryFacts
{
    private static readonly string[] ShrinkingWords =
        ["Trim", "Reduce", "Truncat", "Compact", "Compress", "Condense", "Summar", "Prune", "Shrink", "Limit", "Window", "Cap", "Evict", "TakeLast"];

    private static readonly HashSet<string> ShrinkingCalls = ["RemoveRange", "RemoveAt", "RemoveAll", "RemoveFirst", "TakeLast"];

    private HistoryFacts(ISymbol member) => Member = member;

    public ISymbol Member { get; }

    /// <summary>Calls that send a variable's whole content, with the expression that carries it.</summary>
    public List<(ISymbol Variable, IOperation Carrier, IInvocationOperation Call)> Sends { get; } = [];

    public List<(ISymbol Variable, IOperation Operation)> Growths { get; } = [];

    /// <summary>Where a variable gets smaller but not empty.</summary>
    public List<(ISymbol Variable, IOperation Operation)> Cuts { get; } = [];

    /// <summary>Where a variable starts anew.</summary>
    public List<(ISymbol Variable, IOperation Operation)> Resets { get; } = [];

    /// <summary>Calls of methods of this compilation.</summary>
    public List<IInvocationOperation> Calls { get; } = [];

    /// <summary>Whether a conversation id is set: then the service keeps the history, and only what is new is sent.</summary>
    public bool SetsConversationId { get; private set; }

    private Dictionary<ISymbol, HashSet<ISymbol>> Copies { get; } = new(SymbolEqualityComparer.Default);

    public static HistoryFacts Of(ISymbol member, IEnumerable<IOperation> blocks)
    {
        var facts = new HistoryFacts(member);
        var sends = new List<IInvocationOperation>();
        foreach (var block in blocks)
            foreach (var operation in block.DescendantsAndSelf())
                facts.Read(operation, sends);
        foreach (var send in sends)
            facts.ReadSend(send);
        return facts;
    }

    private void Read(IOperation operation, List<IInvocationOperation> sends)
    {
        switch (operation)
        {
            case IInvocationOperation call when ChatApi.IsSend(call):
                sends.Add(call);
                break;
            case IInvocationOperation call:
                ReadCall(call);
                break;
            case IVariableDeclaratorOperation { Symbol: var local, Initializer.Value: { } value } when ChatApi.IsHistory(local.Type):
                Copy(local, value);
                break;
            case ISimpleAssignmentOperation assignment:
                ReadAssignment(assignment);
                break;
        }
    }

    private void ReadSend(IInvocationOperation send)
    {
        foreach (var argument in send.Arguments)
        {
            if (!ChatApi.IsHistory(ChatApi.Unwrap(argument.Value).Type) && ChatApi.Unwrap(argument.Value) is not ICollectionExpressionOperation)
                continue;
            foreach (var source in HistoryFlow.Sources(argument.Value))
                foreach (var variable in Origins(source))
                    Sends.Add((variable, argument.Value, send));
        }
    }

    /// <summary>A variable and all it was copied from. A copy that is cut carries nothing on.</summary>
    private List<ISymbol> Origins(ISymbol variable)
    {
        var origins = new List<ISymbol>();
        var open = new Stack<ISymbol>();
        open.Push(variable);
        while (open.Count > 0)
        {
            var next = open.Pop();
            if (origins.Contains(next, SymbolEqualityComparer.Default))
                continue;
            origins.Add(next);
            if (Copies.TryGetValue(next, out var sources) && !Cuts.Exists(cut => SymbolEqualityComparer.Default.Equals(cut.Variable, next)))
                foreach (var source in sources)
                    open.Push(source);
        }

        return origins;
    }

    private void ReadCall(IInvocationOperation call)
    {
        var name = call.TargetMethod.Name;
        if (HistoryFlow.Variable(ChatApi.Receiver(call)) is { } variable)
        {
            if (IsGrowth(name))
            {
                Growths.Add((variable, call));
                if (name is "AddRange" or "InsertRange")
                    Copy(variable, call.Arguments[call.Arguments.Length - 1].Value);
            }
            else if (name == "Clear")
                Resets.Add((variable, call));
            else if (IsCut(call, variable) || IsShrinkingWord(name))
                Cuts.Add((variable, call));
        }

        if (call.TargetMethod.DeclaringSyntaxReferences.Length > 0)
            Calls.Add(call);
        foreach (var argument in call.Arguments)
        {
            if (HistoryFlow.Variable(argument.Value) is { } passed && (IsShrinkingWord(name) || Shrinks(call.TargetMethod)))
                Cuts.Add((passed, call));
        }
    }

    private void ReadAssignment(ISimpleAssignmentOperation assignment)
    {
        if (assignment.Target is IPropertyReferenceOperation { Property.Name: "ConversationId" })
            SetsConversationId = true;
        if (HistoryFlow.Variable(assignment.Target) is not { } variable)
            return;
        var sources = HistoryFlow.Sources(assignment.Value).ToList();
        if (sources.Contains(variable, SymbolEqualityComparer.Default))
            Growths.Add((variable, assignment));
        else if (HistoryFlow.Mentions(assignment.Value, variable))
            Cuts.Add((variable, assignment));
        else
            Resets.Add((variable, assignment));
        Copy(variable, assignment.Value);
    }

    private void Copy(ISymbol to, IOperation from)
    {
        foreach (var source in HistoryFlow.Sources(from))
        {
            if (!Copies.TryGetValue(to, out var sources))
                Copies.Add(to, sources = new HashSet<ISymbol>(SymbolEqualityComparer.Default));
            sources.Add(source);
        }
    }

    private static bool IsGrowth(string name) =>
        name.StartsWith("Add", StringComparison.Ordinal) || name.StartsWith("Insert", StringComparison.Ordinal);

    /// <summary>Removing at the front or in the middle cuts. Removing the last or a certain message takes back a failed turn.</summary>
    private static bool IsCut(IInvocationOperation call, ISymbol variable) => call.TargetMethod.Name switch
    {
        "RemoveAll" or "RemoveFirst" => true,
        "RemoveAt" when call.Arguments.Length == 1 =>
            !HistoryFlow.Mentions(call.Arguments[0].Value, variable) && call.Arguments[0].Value.Type?.Name != "Index",
        "RemoveRange" when call.Arguments.Length == 2 =>
            call.Arguments[0].Value.ConstantValue.HasValue || !HistoryFlow.Mentions(call.Arguments[1].Value, variable),
        "Remove" when call.Arguments.Length == 1 => ChatApi.Unwrap(call.Arguments[0].Value) is not (ILocalReferenceOperation or IParameterReferenceOperation),
        _ => false,
    };

    private static bool IsShrinkingWord(string name)
    {
        foreach (var word in ShrinkingWords)
            if (name.IndexOf(word, StringComparison.Ordinal) >= 0)
                return true;
        return false;
    }

    /// <summary>Whether a helper of this compilation removes messages: its name need not say so.</summary>
    private static bool Shrinks(IMethodSymbol method)
    {
        foreach (var reference in method.DeclaringSyntaxReferences)
            foreach (var token in reference.GetSyntax().DescendantTokens())
                if (ShrinkingCalls.Contains(token.ValueText))
                    return true;
        return false;
    }
}

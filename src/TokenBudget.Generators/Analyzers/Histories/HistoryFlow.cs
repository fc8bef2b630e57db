namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Follows expressions of one member to what holds the histories they name or carry.</summary>
internal sealed class HistoryFlow
{
    /// <summary>Methods whose result has all the messages of what they are called on.</summary>
    private static readonly HashSet<string> Keeping =
    [
        "Append", "AsEnumerable", "AsReadOnly", "Cast", "Concat", "ConvertAll", "OfType", "OrderBy", "OrderByDescending", "Prepend", "Reverse", "Select", "ThenBy",
        "ToArray", "ToAsyncEnumerable", "ToImmutableArray", "ToImmutableList", "ToList", "Union",
    ];

    /// <summary>Methods that give an element of a collection.</summary>
    private static readonly HashSet<string> Elements = ["GetOrAdd", "AddOrUpdate", "GetValueOrDefault", "First", "FirstOrDefault", "Single", "SingleOrDefault", "Find"];

    private readonly Dictionary<ISymbol, List<IOperation>> _values = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ISymbol, IOperation> _elements = new(SymbolEqualityComparer.Default);
    private readonly Func<IMethodSymbol, IReadOnlyList<Holder>> _returns;
    private readonly Func<IMethodSymbol, IReadOnlyList<Holder>> _copies;

    /// <summary>Reads which values the member's variables are given.</summary>
    /// <param name="member">The member.</param>
    /// <param name="returns">What a method of this compilation returns; it may say nothing.</param>
    /// <param name="copies">What a method of this compilation returns the whole content of, its parameters included; it may say nothing.</param>
    public HistoryFlow(ChatMember member, Func<IMethodSymbol, IReadOnlyList<Holder>> returns, Func<IMethodSymbol, IReadOnlyList<Holder>> copies)
    {
        (_returns, _copies) = (returns, copies);
        foreach (var declaration in member.Declarations)
            if ((declaration.Initializer ?? (declaration.Parent as IVariableDeclarationOperation)?.Initializer)?.Value is { } value)
                Add(declaration.Symbol, value);
        foreach (var assignment in member.Assignments)
            if (assignment.Target.Symbol() is ILocalSymbol local)
                Add(local, assignment.Value);
        foreach (var call in member.Calls)
            if (call.TargetMethod.Name == "AddOrUpdate" && call.Receiver() is { } dictionary)
                foreach (var argument in call.Arguments)
                    if (argument.Value.Unwrap() is IDelegateCreationOperation { Target: IAnonymousFunctionOperation { Symbol.Parameters: var parameters } })
                        foreach (var parameter in parameters)
                            if (ChatApi.IsConversation(parameter.Type))
                                _elements[parameter] = dictionary;
        foreach (var call in member.Calls)
            if (call.TargetMethod.Name == "TryGetValue" && call.Arguments.Length > 0 && call.Arguments[call.Arguments.Length - 1].Value is var result)
                if ((result is IDeclarationExpressionOperation declaration ? declaration.Expression : result).Symbol() is ILocalSymbol local)
                    Add(local, call);
    }

    /// <summary>The values a local is given in this member.</summary>
    public IReadOnlyList<IOperation> ValuesOf(ISymbol variable) => _values.TryGetValue(variable, out var values) ? values : [];

    /// <summary>What an expression is a name of, if that holds messages.</summary>
    public List<Holder> Holders(IOperation? expression)
    {
        var holders = new List<Holder>();
        if (expression is not null && ChatApi.IsConversation(expression.Unwrap().Type))
            AddPaths(expression, "", null, holders, depth: 0);
        return holders;
    }

    /// <summary>What a request object's messages are held by.</summary>
    public List<Holder> Holders(IOperation request, IPropertySymbol messages)
    {
        var holders = new List<Holder>();
        AddPaths(request, "." + messages.Name, messages, holders, depth: 0);
        return holders;
    }

    /// <summary>What an expression is a name of, messages or not.</summary>
    public List<Holder> Paths(IOperation expression)
    {
        var paths = new List<Holder>();
        AddPaths(expression, "", null, paths, depth: 0);
        return paths;
    }

    /// <summary>What an expression has the whole content of; nothing when it takes a part only, or when that cannot be seen.</summary>
    public List<Holder> Sources(IOperation expression)
    {
        var sources = new List<Holder>();
        AddSources(expression, sources, depth: 0);
        return sources;
    }

    private void AddSources(IOperation expression, List<Holder> sources, int depth)
    {
        if (depth > 8)
            return;
        switch (expression.Unwrap())
        {
            case ICollectionExpressionOperation collection:
                foreach (var element in collection.Elements)
                    if (element is ISpreadOperation spread)
                        AddSources(spread.Operand, sources, depth + 1);
                break;
            case IConditionalOperation { WhenFalse: { } whenFalse } choice:
                AddSources(choice.WhenTrue, sources, depth + 1);
                AddSources(whenFalse, sources, depth + 1);
                break;
            case ICoalesceOperation coalesce:
                AddSources(coalesce.Value, sources, depth + 1);
                AddSources(coalesce.WhenNull, sources, depth + 1);
                break;
            case ISwitchExpressionOperation choice:
                foreach (var arm in choice.Arms)
                    AddSources(arm.Value, sources, depth + 1);
                break;
            case IInvocationOperation call when Keeping.Contains(call.TargetMethod.Name) || IsFilter(call) || IsAllButFirst(call) || IsLonger(call):
                if (call.Receiver() is { } receiver)
                    AddSources(receiver, sources, depth + 1);
                if (call.TargetMethod.Name is "Concat" or "Union")
                    AddSources(call.Arguments[call.Arguments.Length - 1].Value, sources, depth + 1);
                break;
            case IObjectCreationOperation creation when ChatApi.IsHistory(creation.Type):
                foreach (var argument in creation.Arguments)
                    if (ChatApi.IsHistory(argument.Value.Unwrap().Type))
                        AddSources(argument.Value, sources, depth + 1);
                break;
            case IObjectCreationOperation { Initializer: { } initializer }:
                // The request objects of some libraries: new MessageCreateParams { Messages = history }.
                foreach (var setter in initializer.Initializers)
                    if (setter is ISimpleAssignmentOperation { Value: var value } && (ChatApi.IsHistory(value.Unwrap().Type) || value.Unwrap() is ICollectionExpressionOperation))
                        AddSources(value, sources, depth + 1);
                break;
            case IInvocationOperation call when ChatApi.IsConversation(call.Type) && _copies(call.TargetMethod) is { Count: > 0 } copies:
                foreach (var copy in copies)
                    AddCopy(copy, call, sources, depth);
                break;
            case var other when ChatApi.IsConversation(other.Type):
                AddPaths(other, "", null, sources, depth);
                break;
            case ILocalReferenceOperation { Local: var request }:
                foreach (var value in ValuesOf(request))
                    if (value.Unwrap() is IObjectCreationOperation)
                        AddSources(value, sources, depth + 1);
                break;
        }
    }

    private void AddPaths(IOperation expression, string rest, ISymbol? last, List<Holder> holders, int depth)
    {
        if (depth > 8)
            return;
        switch (expression.Unwrap())
        {
            case ILocalReferenceOperation local:
                AddLocal(local.Local, rest, last, holders, depth);
                break;
            case IParameterReferenceOperation { Parameter: var element } when _elements.TryGetValue(element, out var dictionary):
                AddPaths(dictionary, "[]" + rest, last, holders, depth + 1);
                break;
            case IParameterReferenceOperation parameter:
                Add(new Holder(parameter.Parameter, rest, last), holders);
                break;
            case IMemberReferenceOperation { Instance: null or IInstanceReferenceOperation, Member: IFieldSymbol or IPropertySymbol } member:
                // ImmutableList<T>.Empty holds nothing.
                if (member.Instance is not null || member.Member.DeclaringSyntaxReferences.Length > 0)
                    Add(new Holder(member.Member, rest, last), holders);
                break;
            case IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } instance }:
                AddPaths(instance, "[]" + rest, last, holders, depth + 1);
                break;
            case IMemberReferenceOperation { Instance: { } instance, Member: IFieldSymbol or IPropertySymbol } member:
                AddPaths(instance, $".{member.Member.Name}{rest}", last ?? member.Member, holders, depth + 1);
                break;
            case IArrayElementReferenceOperation element:
                AddPaths(element.ArrayReference, "[]" + rest, last, holders, depth + 1);
                break;
            case IConditionalOperation { WhenFalse: { } whenFalse } choice:
                AddPaths(choice.WhenTrue, rest, last, holders, depth + 1);
                AddPaths(whenFalse, rest, last, holders, depth + 1);
                break;
            case ICoalesceOperation coalesce:
                AddPaths(coalesce.Value, rest, last, holders, depth + 1);
                AddPaths(coalesce.WhenNull, rest, last, holders, depth + 1);
                break;
            case ICoalesceAssignmentOperation coalesce:
                AddPaths(coalesce.Target, rest, last, holders, depth + 1);
                break;
            case IConditionalAccessOperation access:
                AddPaths(access.WhenNotNull, rest, last, holders, depth + 1);
                break;
            case IInvocationOperation call when call.Receiver() is { } receiver && IsElement(call.TargetMethod.Name, receiver.Type):
                AddPaths(receiver, "[]" + rest, last, holders, depth + 1);
                break;
            case IInvocationOperation { Instance: null or IInstanceReferenceOperation } call when call.TargetMethod.DeclaringSyntaxReferences.Length > 0:
                foreach (var returned in _returns(call.TargetMethod))
                    Add(new Holder(returned.Root, returned.Path + rest, last ?? returned.Member), holders);
                break;
        }
    }

    /// <summary>A local that is only another name for something is that; any other stands for itself.</summary>
    private void AddLocal(ILocalSymbol local, string rest, ISymbol? last, List<Holder> holders, int depth)
    {
        var values = ValuesOf(local);
        var found = new List<Holder>();
        foreach (var value in values)
        {
            if (value is IInvocationOperation { TargetMethod.Name: "TryGetValue" } call && call.Receiver() is { } collection)
                AddPaths(collection, "[]" + rest, last, found, depth + 1);
            else
                AddPaths(value, rest, last, found, depth + 1);
        }

        var isName = false;
        foreach (var holder in found)
        {
            if (!holder.IsMember && values.Count > 1)
                continue;
            isName = true;
            Add(holder, holders);
        }

        if (!isName)
            Add(new Holder(local, rest, last), holders);
    }

    private static bool IsElement(string method, ITypeSymbol? collection) =>
        Elements.Contains(method) && collection is not null && !ChatApi.IsHistory(collection);

    /// <summary>A list that does not change gives a longer one.</summary>
    private static bool IsLonger(IInvocationOperation call) => call.TargetMethod.Name is "Add" or "AddRange" or "Insert" && ChatApi.IsHistory(call.Type);

    /// <summary>Leaving out one kind of message, say the system's or what is still being written, leaves a list that grows as before.</summary>
    private static bool IsFilter(IInvocationOperation call)
    {
        if (call.TargetMethod.Name != "Where" || call.Arguments.Length == 0)
            return false;
        var test = call.Arguments[call.Arguments.Length - 1].Value;
        foreach (var part in test.Descendants())
        {
            if (Loops.IsComparison(part) || part is IInvocationOperation { TargetMethod.Name: not ("IsNullOrEmpty" or "IsNullOrWhiteSpace") })
                return false;
            // What is asked of the message itself; a variable from outside may say how many or which conversation.
            if (part is ILocalReferenceOperation or IFieldReferenceOperation { Field.IsConst: false, Field.ContainingType.TypeKind: not TypeKind.Enum, Instance: not IParameterReferenceOperation })
                return false;
        }

        return true;
    }

    /// <summary>Leaving out the first few, say the instructions, does too.</summary>
    private static bool IsAllButFirst(IInvocationOperation call) =>
        call.TargetMethod.Name == "Skip" && call.Arguments.Length > 0 && call.Arguments[call.Arguments.Length - 1].Value.ConstantValue.HasValue;

    /// <summary>What a helper returns a copy of: a member, or what it was given.</summary>
    private void AddCopy(Holder copy, IInvocationOperation call, List<Holder> sources, int depth)
    {
        if (copy.Root is not IParameterSymbol parameter)
            Add(copy, sources);
        else if (copy.Path.Length == 0)
            foreach (var argument in call.Arguments)
                if (SymbolEqualityComparer.Default.Equals(argument.Parameter?.OriginalDefinition, parameter))
                    AddSources(argument.Value, sources, depth + 1);
    }

    private static void Add(Holder holder, List<Holder> holders)
    {
        if (!holders.Contains(holder))
            holders.Add(holder);
    }

    private void Add(ISymbol variable, IOperation value)
    {
        if (!_values.TryGetValue(variable, out var values))
            _values.Add(variable, values = []);
        values.Add(value);
    }
}

namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>What the code of one member does with histories. Order does not matter to it: the rules look at loops and conditions themselves.</summary>
internal sealed class HistoryFacts
{
    private readonly Dictionary<Holder, List<Holder>> _copies = [];
    private readonly ChatCode _code;
    private readonly int _depth;

    public HistoryFacts(ChatMember member, ChatCode code, int depth)
    {
        (Member, _code, _depth) = (member, code, depth);
        Flow = new HistoryFlow(member, ReturnsOf, CopiesOf);
        foreach (var declaration in member.Declarations)
            if (ChatApi.IsConversation(declaration.Symbol.Type))
                foreach (var value in Flow.ValuesOf(declaration.Symbol))
                    Copy(new Holder(declaration.Symbol, ""), value);
        foreach (var assignment in member.Assignments)
            ReadAssignment(assignment);
        foreach (var call in member.Calls)
            ReadCall(call);
        foreach (var loop in member.Loops)
            if (loop is IForEachLoopOperation each)
                ReadCopying(each);
        foreach (var call in member.Calls)
            ReadSend(call);
        ReadReturns();
    }

    public ChatMember Member { get; }

    public HistoryFlow Flow { get; }

    /// <summary>Calls that send a history whole.</summary>
    public List<HistorySend> Sends { get; } = [];

    /// <summary>The same, together with a session or thread that keeps the history too.</summary>
    public List<HistorySend> SessionSends { get; } = [];

    public List<HistoryUse> Growths { get; } = [];

    /// <summary>Where a history gets smaller but not empty.</summary>
    public List<HistoryUse> Cuts { get; } = [];

    /// <summary>Where a history starts anew.</summary>
    public List<HistoryUse> Resets { get; } = [];

    /// <summary>Where the newest message is taken back.</summary>
    public List<HistoryUse> Undone { get; } = [];

    /// <summary>What the member returns a reference to.</summary>
    public List<Holder> Returns { get; } = [];

    /// <summary>What the member returns the whole content of: members and parameters.</summary>
    public List<Holder> Copies { get; } = [];

    /// <summary>Whether a conversation id is set: then the service keeps the history, and only what is new is sent.</summary>
    public bool SetsConversationId { get; private set; }

    private void ReadAssignment(ISimpleAssignmentOperation assignment)
    {
        if (assignment.Target is IPropertyReferenceOperation { Property.Name: "ConversationId" or "PreviousResponseId" })
            SetsConversationId = true;
        // A member in an initializer belongs to an object that is only being made.
        if (assignment.Parent is IObjectOrCollectionInitializerOperation)
            return;
        if (assignment.Value.Unwrap() is IObjectCreationOperation && assignment.Target.Symbol() is { } owner && !ChatApi.IsConversation(assignment.Target.Type))
            Resets.Add(new(new Holder(owner, ""), assignment));
        if (assignment.Value.Unwrap() is IWithOperation with)
            ReadWith(assignment, with);
        foreach (var holder in Flow.Holders(assignment.Target))
        {
            var sources = Flow.Sources(assignment.Value);
            if (sources.Contains(holder))
            {
                // Anything else only names it again.
                if (assignment.Value.Unwrap() is ICollectionExpressionOperation or IInvocationOperation or IObjectCreationOperation)
                    Growths.Add(new(holder, assignment));
            }
            else if (assignment.Target.Symbol() is { } symbol && assignment.Value.Mentions(symbol))
                Cuts.Add(new(holder, assignment));
            else
                Resets.Add(new(holder, assignment));
            Copy(holder, sources);
        }
    }

    /// <summary><c>state = state with { History = [.. state.History, message] }</c>.</summary>
    private void ReadWith(ISimpleAssignmentOperation assignment, IWithOperation with)
    {
        foreach (var initializer in with.Initializer.Initializers)
        {
            if (initializer is not ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Property: var property }, Value: var value } || !ChatApi.IsConversation(property.Type))
                continue;
            foreach (var path in Flow.Paths(assignment.Target))
            {
                var holder = path.Then(property);
                (Flow.Sources(value).Contains(holder) ? Growths : Resets).Add(new(holder, assignment));
            }
        }
    }

    private void ReadCall(IInvocationOperation call)
    {
        var name = call.TargetMethod.Name;
        foreach (var holder in Flow.Holders(call.Receiver()))
        {
            if (IsGrowth(name))
            {
                Growths.Add(new(holder, call));
                if (name is "AddRange" or "InsertRange" or "AddMessages")
                    Copy(holder, call.Arguments[call.Arguments.Length - 1].Value);
            }
            else if (name == "Clear")
                Resets.Add(new(holder, call));
            else if (IsUndoing(call))
                Undone.Add(new(holder, call));
            else if (IsCut(call) || Shortens(call.TargetMethod))
                Cuts.Add(new(holder, call));
        }

        if (ChatApi.IsSend(call))
            return;
        foreach (var argument in call.Arguments)
            foreach (var holder in Flow.Holders(argument.Value))
                ReadPassing(call, argument, holder);
        if (Shortens(call.TargetMethod))
            ReadShrunkOwner(call);
        else
            ReadOwner(call);
    }

    /// <summary><c>session.Say(…)</c> and <c>Say(session, …)</c>: what a method does to the history of an object, this member does.</summary>
    private void ReadOwner(IInvocationOperation call)
    {
        var isOnObject = call.Instance is not null and not IInstanceReferenceOperation && HasConversation(call.Instance.Type);
        if (!(isOnObject || call.Arguments.Any(static argument => HasConversation(argument.Value.Unwrap().Type))) || Helper(call.TargetMethod) is not { } helper)
            return;
        if (isOnObject)
            foreach (var path in Flow.Paths(call.Instance!))
                Pass(helper, call, use => use.Root is IFieldSymbol or IPropertySymbol && !use.Root.IsStatic ? path.Then(use) : null);
        foreach (var argument in call.Arguments)
            if (argument.Parameter?.OriginalDefinition is { } parameter && HasConversation(argument.Value.Unwrap().Type))
                foreach (var path in Flow.Paths(argument.Value))
                    Pass(helper, call, use => use.Path.Length > 0 && SymbolEqualityComparer.Default.Equals(use.Root, parameter) ? path.Then(use.Path, use.Member) : null);
    }

    private void Pass(HistoryFacts helper, IInvocationOperation call, Func<Holder, Holder?> outside)
    {
        foreach (var growth in helper.Growths)
            if (!SendPath.IsBeginning(growth.Operation) && outside(growth.Holder) is { } holder)
                Growths.Add(new(holder, call));
        foreach (var cut in helper.Cuts)
            if (SendPath.HoldsCut(cut.Operation, within: null) && outside(cut.Holder) is { } holder)
                Cuts.Add(new(holder, call));
        foreach (var reset in helper.Resets)
            if (SendPath.HoldsReset(reset.Operation, within: null) && outside(reset.Holder) is { } holder)
                Resets.Add(new(holder, call));
    }

    /// <summary>Whether a type of this compilation holds messages in a member.</summary>
    private static bool HasConversation(ITypeSymbol? type)
    {
        if (type is not INamedTypeSymbol { SpecialType: SpecialType.None, DeclaringSyntaxReferences.Length: > 0 })
            return false;
        for (var current = type; current is { DeclaringSyntaxReferences.Length: > 0 }; current = current.BaseType)
            foreach (var member in current.GetMembers())
                if (member is IFieldSymbol { Type: var field } && ChatApi.IsConversation(field) || member is IPropertySymbol { Type: var property } && ChatApi.IsConversation(property))
                    return true;
        return false;
    }

    /// <summary><c>session.Trim()</c> and <c>Trim(session)</c> are about what the session holds.</summary>
    private void ReadShrunkOwner(IInvocationOperation call)
    {
        if (call.Receiver().Symbol() is { } owner)
            Cuts.Add(new(new Holder(owner, Holder.Anything), call));
        foreach (var argument in call.Arguments)
            if (argument.Value.Symbol() is { } given)
                Cuts.Add(new(new Holder(given, Holder.Anything), call));
    }

    /// <summary>A history given to a helper: what the helper does to it, this member does.</summary>
    private void ReadPassing(IInvocationOperation call, IArgumentOperation argument, Holder holder)
    {
        if (Shortens(call.TargetMethod) || Shrinking.IsDoneIn(call.TargetMethod, default))
        {
            Cuts.Add(new(holder, call));
            return;
        }

        if (argument.Parameter is not { } parameter || Helper(call.TargetMethod) is not { } helper)
            return;
        var inner = new Holder(parameter.OriginalDefinition, "");
        Pass(helper.Growths, Growths);
        Pass(helper.Cuts, Cuts);
        foreach (var reset in helper.Resets)
            if (reset.Holder.Equals(inner) && reset.Operation is IInvocationOperation && SendPath.HoldsReset(reset.Operation, within: null))
                Resets.Add(new(holder, call));

        void Pass(List<HistoryUse> from, List<HistoryUse> to)
        {
            if (from.Exists(use => use.Holder.Equals(inner)))
                to.Add(new(holder, call));
        }
    }

    /// <summary>A list that is filled message by message from another one.</summary>
    private void ReadCopying(IForEachLoopOperation loop)
    {
        if (loop.Locals.Length == 0 || Loops.CountsAndLeaves(loop) || Loops.Breaks(loop) || Flow.Sources(loop.Collection) is not { Count: > 0 } sources)
            return;
        foreach (var call in Member.Calls)
            if (IsGrowth(call.TargetMethod.Name) && call.IsIn(loop.Body) && loop.Locals.Any(call.Mentions))
                foreach (var holder in Flow.Holders(call.Receiver()))
                    if (!sources.Contains(holder))
                        Copy(holder, sources);
    }

    private void ReadSend(IInvocationOperation call)
    {
        if (ChatApi.IsSend(call))
        {
            ReadModelSend(call);
            return;
        }

        foreach (var argument in call.Arguments)
            if (argument.ArgumentKind != ArgumentKind.DefaultValue && SendIn(call.TargetMethod, argument) is { } inner)
                AddSends(Sends, argument.Value, Flow.Sources(argument.Value), call, inner.Inner);
    }

    private void ReadModelSend(IInvocationOperation call)
    {
        if (_code.IsShortenedBehind(call.TargetMethod))
            return;
        // An agent's session keeps the history: to send one beside it is another fault.
        var sends = call.HasSession() ? SessionSends : Sends;
        foreach (var argument in call.Arguments)
        {
            if (argument.ArgumentKind == ArgumentKind.DefaultValue)
                continue;
            AddSends(sends, argument.Value, Flow.Sources(argument.Value), call, inner: null);
            if (ChatApi.MessagesOf(argument.Value.Unwrap().Type) is { } messages)
                AddSends(sends, argument.Value, Flow.Holders(argument.Value, messages), call, inner: null);
        }
    }

    private void AddSends(List<HistorySend> sends, IOperation carrier, List<Holder> sources, IInvocationOperation call, SyntaxNode? inner)
    {
        foreach (var source in sources)
            foreach (var holder in Origins(source))
                sends.Add(new(holder, carrier, call, inner));
    }

    /// <summary>The call by which a helper sends what it is given whole.</summary>
    private HistorySend? SendIn(IMethodSymbol method, IArgumentOperation argument)
    {
        if (argument.Parameter is not { } parameter || !ChatApi.IsConversation(parameter.Type) || Helper(method) is not { } helper)
            return null;
        var given = new Holder(parameter.OriginalDefinition, "");
        var grows = helper.Growths.Exists(growth => growth.Holder.Equals(given));
        foreach (var send in helper.Sends)
            if (send.Holder.Equals(given))
                return send with { Inner = grows ? send.Inner ?? send.Call.Syntax : null };
        return null;
    }

    private void ReadReturns()
    {
        foreach (var operation in Member.Body.DescendantsAndSelf())
        {
            if (operation is not IReturnOperation { ReturnedValue: { } value } || operation.Function().Parent is not null)
                continue;
            foreach (var holder in Flow.Paths(value))
                if (holder.IsMember)
                    Returns.Add(holder);
            foreach (var source in Flow.Sources(value))
                foreach (var holder in Origins(source))
                    if (holder.IsMember || holder.Root is IParameterSymbol)
                        Copies.Add(holder);
        }
    }

    /// <summary>A holder and all it was copied from. A copy that is cut carries nothing on.</summary>
    private List<Holder> Origins(Holder holder)
    {
        var origins = new List<Holder>();
        var open = new Stack<Holder>();
        open.Push(holder);
        while (open.Count > 0)
        {
            var next = open.Pop();
            if (origins.Contains(next))
                continue;
            origins.Add(next);
            if (_copies.TryGetValue(next, out var sources) && !Cuts.Exists(cut => cut.Holder.Equals(next)))
                foreach (var source in sources)
                    open.Push(source);
        }

        return origins;
    }

    private void Copy(Holder to, IOperation from) => Copy(to, Flow.Sources(from));

    private void Copy(Holder to, List<Holder> from)
    {
        if (from.Count == 0)
            return;
        if (!_copies.TryGetValue(to, out var sources))
            _copies.Add(to, sources = []);
        sources.AddRange(from);
    }

    private HistoryFacts? Helper(IMethodSymbol method)
    {
        if (_depth == 0 || method.DeclaringSyntaxReferences.Length == 0 || _code.MemberOf(method, default) is not { } member)
            return null;
        return member.FactsAt(_depth - 1);
    }

    /// <summary>Whether a method's name, or the project's settings, say that it makes a history shorter.</summary>
    private bool Shortens(IMethodSymbol method) => Shrinking.IsNamedBy(method) || _code.SettingsFor(Member.Body.Syntax.SyntaxTree).NamesLimiter(method.Name);

    private IReadOnlyList<Holder> ReturnsOf(IMethodSymbol method) => Helper(method)?.Returns ?? [];

    private IReadOnlyList<Holder> CopiesOf(IMethodSymbol method) => Shortens(method) ? [] : Helper(method)?.Copies ?? [];

    private static bool IsGrowth(string name) =>
        name.StartsWith("Add", StringComparison.Ordinal) || name.StartsWith("Insert", StringComparison.Ordinal) || name is "Enqueue" or "Push";

    /// <summary>Removing at the front or in the middle cuts.</summary>
    private bool IsCut(IInvocationOperation call) => call.TargetMethod.Name switch
    {
        "RemoveAll" or "RemoveFirst" or "RemoveAt" or "Dequeue" or "TryDequeue" => true,
        "RemoveRange" when call.Arguments.Length == 2 =>
            call.Arguments[0].Value.ConstantValue.HasValue || !MentionsReceiver(call, call.Arguments[1].Value),
        "Remove" => call.Arguments.Length > 0,
        _ => false,
    };

    /// <summary>Removing the last or a certain message takes back a turn that failed.</summary>
    private bool IsUndoing(IInvocationOperation call) => call.TargetMethod.Name switch
    {
        "RemoveAt" when call.Arguments.Length == 1 =>
            MentionsReceiver(call, call.Arguments[0].Value) || call.Arguments[0].Value.Type?.Name == "Index",
        "Remove" when call.Arguments.Length == 1 => IsJustAdded(call.Arguments[0].Value),
        _ => false,
    };

    /// <summary>A message that was made here, not one that was taken from the list.</summary>
    private bool IsJustAdded(IOperation message)
    {
        if (message.Symbol() is IParameterSymbol)
            return true;
        if (message.Symbol() is not ILocalSymbol local)
            return false;
        foreach (var value in Flow.ValuesOf(local))
            if (value.Unwrap() is not IObjectCreationOperation)
                return false;
        return true;
    }

    private static bool MentionsReceiver(IInvocationOperation call, IOperation argument) =>
        call.Receiver().Symbol() is { } symbol && argument.Mentions(symbol);
}

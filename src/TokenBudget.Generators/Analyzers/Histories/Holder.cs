namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Where a history is held: a variable, or what is reached from one, as <c>session.Messages</c> or <c>_chats[]</c>.</summary>
internal readonly struct Holder(ISymbol root, string path, ISymbol? member = null) : IEquatable<Holder>
{
    /// <summary>The path of whatever is reached from a variable.</summary>
    public const string Anything = "*";

    public ISymbol Root { get; } = root;

    /// <summary>The member at the end of the path; null if that is an element or the root itself.</summary>
    public ISymbol? Member { get; } = member;

    /// <summary>Empty, or the way from the root: <c>.Member</c> and <c>[]</c>, any element.</summary>
    public string Path { get; } = path;

    /// <summary>Whether an object holds it, so that it outlives the call.</summary>
    public bool IsMember =>
        Root is IFieldSymbol or IPropertySymbol or IParameterSymbol { ContainingSymbol: IMethodSymbol { MethodKind: MethodKind.Constructor } };

    /// <summary>Whether something done to another holder is done to this one.</summary>
    public bool IsReachedBy(Holder other) =>
        Equals(other) || (other.Path == Anything && Path.Length > 0 && SymbolEqualityComparer.Default.Equals(Root, other.Root));

    /// <summary>What a member of it holds.</summary>
    public Holder Then(ISymbol member) => Then("." + member.Name, member);

    /// <summary>What is reached from a member of it.</summary>
    public Holder Then(Holder inner) => new(Root, $"{Path}.{inner.Root.Name}{inner.Path}", inner.Member ?? inner.Root);

    /// <summary>What is reached from it.</summary>
    public Holder Then(string path, ISymbol? member) => new(Root, Path + path, member);

    public bool Equals(Holder other) => SymbolEqualityComparer.Default.Equals(Root, other.Root) && Path == other.Path;

    public override bool Equals(object? other) => other is Holder holder && Equals(holder);

    public override int GetHashCode() => unchecked((SymbolEqualityComparer.Default.GetHashCode(Root) * 31) + Path.GetHashCode());

    public override string ToString() => Root.Name + Path;
}

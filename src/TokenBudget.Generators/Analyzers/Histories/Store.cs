namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>What keeps conversations between two requests: a database, a cache, a session, a dictionary.</summary>
internal static class Store
{
    private static readonly HashSet<string> Types =
    [
        "DbContext", "DbSet", "ISession", "IMemoryCache", "MemoryCache", "IDistributedCache", "HybridCache", "IDictionary", "Dictionary", "ConcurrentDictionary",
        "IMongoCollection", "Container", "IDatabase", "ProtectedSessionStorage", "ProtectedLocalStorage", "ILiteCollection",
    ];

    /// <summary>Steps of a query that take a part.</summary>
    private static readonly string[] Parts = ["Take", "Skip", "Page", "Limit", "Last", "Range", "Chunk", "Top", "Recent", "Newest"];

    private static readonly string[] Writes = ["Add", "Append", "Create", "Insert", "Put", "Replace", "Save", "Set", "Store", "TryUpdate", "Update", "Upsert"];

    /// <summary>The store a variable's value is read from without a limit; null if it comes from elsewhere.</summary>
    public static ISymbol? WhereFrom(ISymbol variable, ChatMember member)
    {
        if (variable is IParameterSymbol { Type: var type } && IsStore(type))
            return variable;
        foreach (var value in member.Histories.Flow.ValuesOf(variable))
            if (RootOf(value, member, depth: 0) is { } store)
                return store;
        return null;
    }

    /// <summary>Whether a member writes to a store too: then what it reads gets longer.</summary>
    public static bool IsWrittenBy(ChatMember member, ISymbol store)
    {
        foreach (var call in member.Calls)
            if (Has(call.TargetMethod.Name, Writes) && IsPartOf(call.Receiver(), store))
                return true;
        foreach (var assignment in member.Assignments)
            if (assignment.Target is IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } instance } && IsPartOf(instance, store))
                return true;
        return false;
    }

    private static ISymbol? RootOf(IOperation value, ChatMember member, int depth)
    {
        if (depth > 12)
            return null;
        switch (value.Unwrap())
        {
            case ICoalesceOperation coalesce:
                return RootOf(coalesce.Value, member, depth + 1);
            case IConditionalAccessOperation access:
                return RootOf(access.WhenNotNull, member, depth + 1);
            case IInvocationOperation { TargetMethod.Name: "Deserialize", Arguments: [var text, ..] }:
                return RootOf(text.Value, member, depth + 1);
            case IInvocationOperation call:
                return IsPartial(call) || call.Receiver() is not { } receiver ? null : RootOf(receiver, member, depth + 1);
            case IPropertyReferenceOperation { Property.IsIndexer: true, Instance: { } collection }:
                return RootOf(collection, member, depth + 1);
            case ILocalReferenceOperation { Local: var local } when !IsStore(local.Type):
                return member.Histories.Flow.ValuesOf(local) is [var single] ? RootOf(single, member, depth + 1) : null;
            case { } owner when IsStore(owner.Type):
                // Of a set of a context, the context is what saves.
                return owner is IPropertyReferenceOperation { Instance: { } context } && IsStore(context.Type) ? context.Symbol() : owner.Symbol();
            default:
                return null;
        }
    }

    /// <summary>A query that counts, compares or is told how many.</summary>
    private static bool IsPartial(IInvocationOperation call)
    {
        if (Has(call.TargetMethod.Name, Parts))
            return true;
        foreach (var argument in call.Arguments)
            foreach (var part in argument.Value.DescendantsAndSelf())
                if (Loops.IsComparison(part))
                    return true;
        return false;
    }

    private static bool IsPartOf(IOperation? receiver, ISymbol store)
    {
        for (var current = receiver; current is not null; current = (current as IMemberReferenceOperation)?.Instance?.Unwrap())
            if (SymbolEqualityComparer.Default.Equals(current.Symbol(), store))
                return true;
        return false;
    }

    private static bool IsStore(ITypeSymbol? type)
    {
        for (var current = type; current is not null; current = current.BaseType)
            if (Types.Contains(current.Name))
                return true;
        return false;
    }

    private static bool Has(string name, string[] beginnings)
    {
        foreach (var beginning in beginnings)
            if (name.StartsWith(beginning, StringComparison.Ordinal))
                return true;
        return false;
    }
}

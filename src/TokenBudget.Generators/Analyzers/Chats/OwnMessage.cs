namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>What an application keeps of a message in a type of its own, to show or to store it: somebody's words, and whose they are.</summary>
internal static class OwnMessage
{
    private static readonly HashSet<string> Speakers =
        ["Role", "Author", "AuthorRole", "Sender", "IsUser", "IsFromUser", "FromUser", "IsBot", "IsAssistant", "IsMine", "ChatRole", "MessageRole"];

    /// <summary>Whether a type is a collection of them.</summary>
    public static bool IsListedIn(ITypeSymbol? type)
    {
        if (type is null or { SpecialType: SpecialType.System_String })
            return false;
        if (type is IArrayTypeSymbol array)
            return Is(array.ElementType);
        return type is INamedTypeSymbol { TypeArguments: [var element] }
            && Is(element)
            && (type.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T
                || type.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T
                || type.AllInterfaces.Any(static implemented => implemented.SpecialType == SpecialType.System_Collections_IEnumerable));
    }

    private static bool Is(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct, DeclaringSyntaxReferences.Length: > 0 })
            return false;
        for (var current = type; current is not null; current = current.BaseType)
            foreach (var member in current.GetMembers())
                if (member is IPropertySymbol or IFieldSymbol && Speakers.Contains(member.Name))
                    return true;
        return false;
    }
}

namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>How code says that it makes a history shorter.</summary>
internal static class Shrinking
{
    /// <summary>Beginnings of words that say so whatever the helper returns.</summary>
    private static readonly string[] Clear = ["Trim", "Reduc", "Truncat", "Compact", "Compress", "Condens", "Summar", "Prun", "Shrink", "Evict"];

    /// <summary>Words that say so of a helper that returns nothing, and so must have changed what it was given.</summary>
    private static readonly string[] Vague = ["Limit", "Window", "Cap", "Clamp", "Slid", "Keep", "Bound", "Cut", "Fit", "Enforce"];

    private static readonly HashSet<string> Calls = ["RemoveRange", "RemoveAt", "RemoveAll", "RemoveFirst", "TakeLast"];

    /// <summary>Whether a helper's name says so: <c>TrimToFit</c> does, <c>CaptureHistory</c> does not.</summary>
    public static bool IsNamedBy(IMethodSymbol method) => Has(method.Name, Clear) || (ReturnsNoMessages(method) && Has(method.Name, Vague));

    private static bool ReturnsNoMessages(IMethodSymbol method) =>
        method.ReturnType is { SpecialType: SpecialType.System_Void or SpecialType.System_Boolean or SpecialType.System_Int32 }
            or INamedTypeSymbol { Name: "Task" or "ValueTask", TypeArguments: [] or [{ SpecialType: SpecialType.System_Boolean or SpecialType.System_Int32 }] };

    private static bool Has(string name, string[] words)
    {
        foreach (var word in words)
            for (var at = name.IndexOf(word, StringComparison.Ordinal); at >= 0; at = name.IndexOf(word, at + 1, StringComparison.Ordinal))
                if (word.Length > 3 || at + word.Length == name.Length || !char.IsLower(name[at + word.Length]))
                    return true;
        return false;
    }

    /// <summary>Whether a helper's or a type's source in this compilation removes messages: its name need not say so.</summary>
    public static bool IsDoneIn(ISymbol symbol, CancellationToken cancellationToken)
    {
        foreach (var reference in symbol.DeclaringSyntaxReferences)
            foreach (var token in reference.GetSyntax(cancellationToken).DescendantTokens())
                if (Calls.Contains(token.ValueText))
                    return true;
        return false;
    }
}

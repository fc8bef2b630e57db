namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>What a prompt is made of, as far as one member shows it.</summary>
internal static class SentContent
{
    private static readonly HashSet<string> Limiting = ["Take", "TakeLast", "Skip", "SkipLast", "RemoveRange", "RemoveAt", "Truncate", "Substring", "AsSpan", "Chunk"];

    /// <summary>An expression, the values of its locals, and what is put into them.</summary>
    public static IEnumerable<IOperation> PartsOf(IOperation expression, ChatMember member)
    {
        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var open = new Stack<IOperation>();
        open.Push(expression);
        while (open.Count > 0)
        {
            foreach (var part in open.Pop().DescendantsAndSelf())
            {
                yield return part;
                if (part.Symbol() is not ILocalSymbol local || !seen.Add(local))
                    continue;
                foreach (var value in member.Histories.Flow.ValuesOf(local))
                    open.Push(value);
                foreach (var call in member.Calls)
                    if (IsPutting(call.TargetMethod.Name) && SymbolEqualityComparer.Default.Equals(call.Receiver().Symbol(), local))
                        Push(call);
            }
        }

        void Push(IInvocationOperation call)
        {
            foreach (var argument in call.Arguments)
                open.Push(argument.Value);
            for (var parent = call.Parent; parent is not null; parent = parent.Parent)
                if (parent is IForEachLoopOperation loop)
                    open.Push(loop.Collection);
        }
    }

    /// <summary>Whether a function counts, measures or cuts anything: what it means by that is its own affair.</summary>
    public static bool IsLimitedIn(IOperation function)
    {
        foreach (var part in function.Descendants())
        {
            if (part is IInvocationOperation call && (Limiting.Contains(call.TargetMethod.Name) || Shrinking.IsNamedBy(call.TargetMethod)))
                return true;
            if (part is IRangeOperation)
                return true;
            if (Loops.IsComparison(part) && part.Descendants().Any(static size => size is IPropertyReferenceOperation { Property.Name: "Count" or "Length" } or IInvocationOperation { TargetMethod.Name: "Count" }))
                return true;
        }

        return false;
    }

    private static bool IsPutting(string name) => name.StartsWith("Add", StringComparison.Ordinal) || name.StartsWith("Append", StringComparison.Ordinal);
}

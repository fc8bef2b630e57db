namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Whether a loop makes a history longer and nothing in it makes it shorter.</summary>
internal static class LoopGrowth
{
    /// <summary>The loop that repeats a call with a longer history each time, and where it gets longer; null if there is none.</summary>
    public static (IOperation Loop, IOperation Growth)? Find(HistoryFacts facts, HistorySend send)
    {
        foreach (var loop in Loops.Around(send.Call, facts.Member))
        {
            var isDeclaredOutside = send.Holder.Root.DeclaringSyntaxReferences is [var declaration]
                && (declaration.SyntaxTree != loop.Syntax.SyntaxTree || !loop.Syntax.Span.Contains(declaration.Span));
            if (isDeclaredOutside && In(facts, send.Holder, loop) is { } growth)
                return (loop, growth);
        }

        return null;
    }

    private static IOperation? In(HistoryFacts facts, Holder holder, IOperation loop)
    {
        IOperation? first = null;
        var growths = 0;
        foreach (var growth in facts.Growths)
        {
            if (!holder.IsReachedBy(growth.Holder) || !IsIn(growth.Operation) || SendPath.IsBeginning(growth.Operation))
                continue;
            first ??= growth.Operation;
            growths++;
        }

        if (first is null
            || facts.Cuts.Exists(cut => holder.IsReachedBy(cut.Holder) && IsIn(cut.Operation) && SendPath.HoldsCut(cut.Operation, loop))
            || facts.Resets.Exists(reset => Resets(reset.Holder) && IsIn(reset.Operation) && SendPath.HoldsReset(reset.Operation, loop)))
            return null;
        // Each turn may take back what it has put in.
        var undone = facts.Undone.FindAll(undo => holder.Equals(undo.Holder) && IsIn(undo.Operation) && SendPath.HoldsAlways(undo.Operation, loop)).Count;
        return undone >= growths ? null : first;

        bool IsIn(IOperation operation) => Loops.Around(operation, facts.Member).Contains(loop);

        // A new session brings its own messages.
        bool Resets(Holder other) => holder.Equals(other) || (holder.Path.Length > 0 && other.Equals(new Holder(holder.Root, "")));
    }
}

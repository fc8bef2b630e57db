namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Whether the members of a type make a history longer from call to call and nothing on the way to a call makes it shorter.</summary>
internal static class MemberGrowth
{
    /// <summary>Where a history in a member grows; null if it does not, or if it is cut.</summary>
    public static IOperation? Find(List<ChatMember> members, Holder holder)
    {
        IOperation? first = null;
        foreach (var member in members)
        {
            var facts = member.Histories;
            first ??= In(member, holder);
            if (facts.Cuts.Exists(cut => holder.IsReachedBy(cut.Holder) && SendPath.HoldsCut(cut.Operation, within: null)))
                return null;
            if (facts.Resets.Exists(reset => holder.Equals(reset.Holder) && SendPath.HoldsReset(reset.Operation, within: null))
                && !HappensOnce(member.Symbol)
                && IsOnSendPath(members, facts))
                return null;
        }

        return first;
    }

    /// <summary>Where one member makes it longer, if that member runs more than once.</summary>
    public static IOperation? In(ChatMember member, Holder holder) => HappensOnce(member.Symbol)
        ? null
        : member.Histories.Growths.Find(growth => holder.IsReachedBy(growth.Holder) && !SendPath.IsBeginning(growth.Operation)).Operation;

    /// <summary>The members that can change what a member holds: those of the type at hand, and of the one that declares it.</summary>
    public static List<ChatMember> MembersWith(Holder holder, ChatMember member, ChatContext context)
    {
        var members = new List<ChatMember>();
        if (member.Type is { } type)
            members.AddRange(context.Code.MembersOf(type, context.CancellationToken));
        if (holder.Root.ContainingType is { } owner && !SymbolEqualityComparer.Default.Equals(owner, member.Type))
            members.AddRange(context.Code.MembersOf(owner, context.CancellationToken));
        return members;
    }

    /// <summary>What a constructor or a page's start puts in, it puts in once.</summary>
    private static bool HappensOnce(ISymbol member) =>
        member is IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } or { Name: "OnInitialized" or "OnInitializedAsync" };

    /// <summary>Whether a member sends, or is called by one that does on every way to it.</summary>
    private static bool IsOnSendPath(List<ChatMember> members, HistoryFacts facts)
    {
        if (facts.Sends.Count > 0 || facts.SessionSends.Count > 0)
            return true;
        foreach (var caller in members)
            if (caller.Histories.Sends.Count > 0
                && caller.Calls.Exists(call => SymbolEqualityComparer.Default.Equals(call.TargetMethod, facts.Member.Symbol)
                    && SendPath.HoldsCut(call, within: null)))
                return true;
        return false;
    }
}

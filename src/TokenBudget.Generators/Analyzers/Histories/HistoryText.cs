namespace TokenBudget.Generators.Analyzers.Histories;

/// <summary>Parts of messages.</summary>
internal static class HistoryText
{
    private static readonly HashSet<string> ToolSettings = ["Tools", "FunctionChoiceBehavior", "ToolCallBehavior", "AdditionalTools"];

    /// <summary>What tools returned is mostly longer than what was said.</summary>
    public static string OfTools(ChatMember member)
    {
        foreach (var assignment in member.Assignments)
            if (assignment.Target is IPropertyReferenceOperation property && ToolSettings.Contains(property.Property.Name))
                return " and all that tools returned";
        return "";
    }
}

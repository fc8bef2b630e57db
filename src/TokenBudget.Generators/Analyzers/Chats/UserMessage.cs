namespace TokenBudget.Generators.Analyzers.Chats;

/// <summary>Code that adds what a user says.</summary>
internal static class UserMessage
{
    public static bool IsAddedBy(IInvocationOperation add) => TextIn(add) is not null;

    /// <summary>The text that is added as the user's; null if something else is added.</summary>
    public static IOperation? TextIn(IInvocationOperation add)
    {
        if (add.Arguments is not [.., { Value: var last }])
            return null;
        if (add.TargetMethod.Name == "AddUserMessage")
            return last;
        if (add.TargetMethod.Name != "Add" || last.Unwrap() is not IObjectCreationOperation creation)
            return null;
        return creation.Arguments switch
        {
            [var text, ..] when creation.Type?.Name == "UserChatMessage" => text.Value,
            [var role, var text, ..] when role.Value.Unwrap() is IPropertyReferenceOperation { Property: { Name: "User", ContainingType.Name: "ChatRole" or "AuthorRole" } } => text.Value,
            _ => null,
        };
    }
}

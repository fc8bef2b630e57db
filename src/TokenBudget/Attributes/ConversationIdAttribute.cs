namespace TokenBudget;

/// <summary>
/// Marks the <see cref="string"/> parameter that names the conversation the call continues. It is read from <see cref="TokenBudgetRuntime.Conversations"/>, or
/// begun, and the whole turn is appended to it.
/// </summary>
/// <remarks>Whose conversation it is, is for the caller to check. Of two calls that continue the same one at once, the second to end gets a <see cref="Conversations.ConversationConflictException"/>.</remarks>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ConversationIdAttribute : Attribute;

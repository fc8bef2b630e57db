namespace TokenBudget;

/// <summary>
/// On a method of a <see cref="ToolsAttribute"/> type, or on the type for all of its methods: a call of the tool is not run. It is returned to
/// the caller as a <c>ToolApprovalRequestContent</c>, for a person to decide.
/// </summary>
/// <remarks>
/// The next call goes on from the decision: a user message with <c>request.CreateResponse(approved)</c> behind the answer that asked, in a conversation or a list of messages. What then
/// runs is what the model asked for, whatever the decision names. A question that the next call does not answer is refused.
/// </remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class | AttributeTargets.Interface)]
public sealed class ToolApprovalAttribute : Attribute;

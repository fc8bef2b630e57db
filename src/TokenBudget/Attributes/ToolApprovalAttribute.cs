namespace TokenBudget;

/// <summary>
/// On a method of a <see cref="ToolsAttribute"/> type, or on the type for all of its methods: a call of the tool is not run. It is returned to
/// the caller, for a person to decide.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class | AttributeTargets.Interface)]
public sealed class ToolApprovalAttribute : Attribute;

namespace TokenBudget;

/// <summary>
/// Marks an interface whose implementation is generated: a class named after the interface without its leading <c>I</c>
/// that renders the prompts, applies the budget attributes and calls an <c>IChatClient</c>.
/// </summary>
/// <remarks>Without this attribute, budget attributes on an interface generate <c>Budgeted&lt;Name&gt;</c>, a decorator of your own implementation.</remarks>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class ChatAgentAttribute : Attribute
{
    /// <summary>The model id sent with every request, for example <c>claude-sonnet-4-5</c>. Unset: the chat client's own default.</summary>
    public string? Model { get; set; }

    /// <summary>The agent's name in configuration, budgets and metrics. Unset: the interface's name without its leading <c>I</c>.</summary>
    public string? Name { get; set; }
}

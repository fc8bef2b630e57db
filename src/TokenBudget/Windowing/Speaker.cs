using Microsoft.Extensions.AI;

namespace TokenBudget.Windowing;

/// <summary>Who a message is from, as far as a window treats them differently.</summary>
internal enum Speaker
{
    /// <summary>A role nobody knows.</summary>
    Other,

    /// <summary>System or developer.</summary>
    System,

    /// <summary>The user.</summary>
    User,

    /// <summary>The model.</summary>
    Model,

    /// <summary>A tool.</summary>
    Tool,
}

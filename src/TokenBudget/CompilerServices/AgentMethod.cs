using System.ComponentModel;

namespace TokenBudget.CompilerServices;

/// <summary>The pipeline of one agent method, bound to one client. Made once, used by many callers at once. Called by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class AgentMethod
{
    internal AgentMethod()
    {
    }

    /// <summary>Starts to collect one call.</summary>
    public AgentCall Begin() => new(this);
}

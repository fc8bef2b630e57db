namespace TokenBudget.Generators.Models;

internal enum AgentKind
{
    /// <summary>The generated class implements the interface on a chat client.</summary>
    Client,

    /// <summary>The generated class decorates the user's implementation.</summary>
    Wrapper,
}

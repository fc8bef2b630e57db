namespace TokenBudget.Testing;

/// <summary>A content block of a request or a reply.</summary>
/// <remarks>Immutable.</remarks>
public abstract record SimulatedBlock
{
    private protected SimulatedBlock()
    {
    }
}

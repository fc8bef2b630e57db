namespace TokenBudget.PostgreSql.Tests;

/// <summary>What may happen to a packet.</summary>
public enum PacketFaultKind
{
    /// <summary>It arrives.</summary>
    None,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>The connection is closed as if that was meant.</summary>
    Close,

    /// <summary>It is lost, and so is all that would follow; nobody is told.</summary>
    Silence,
}

namespace TokenBudget.PostgreSql.Tests;

/// <summary>Something that happens to one packet.</summary>
/// <param name="packet">Its number, from 1.</param>
/// <param name="kind">What happens to it.</param>
/// <param name="meanwhile">What else happens at that instant.</param>
internal sealed class PacketFault(int packet, PacketFaultKind kind, Action? meanwhile)
{
    private int _passed;

    public PacketFaultKind Kind => kind;

    public Action? Meanwhile => meanwhile;

    /// <summary>Whether that many packets came.</summary>
    public bool HasStruck => Volatile.Read(ref _passed) >= packet;

    /// <summary>One more packet comes.</summary>
    public bool Strikes() => Interlocked.Increment(ref _passed) == packet;
}

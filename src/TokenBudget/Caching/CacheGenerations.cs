namespace TokenBudget.Caching;

/// <summary>
/// The generations an answer belongs to: of everything, of its agent, of its method and of its scope. Each is a random number in the second level, and to clear is to put another one there:
/// what belongs to the old one is never found again. It needs no list of entries and no clocks that agree.
/// </summary>
internal readonly record struct CacheGenerations(Guid All, Guid Agent, Guid Method, Guid Scope)
{
    public const int Size = 4 * 16;

    public void CopyTo(Span<byte> bytes)
    {
        All.TryWriteBytes(bytes);
        Agent.TryWriteBytes(bytes[16..]);
        Method.TryWriteBytes(bytes[32..]);
        Scope.TryWriteBytes(bytes[48..]);
    }

    public bool Equals(ReadOnlySpan<byte> bytes)
    {
        Span<byte> own = stackalloc byte[Size];
        CopyTo(own);
        return own.SequenceEqual(bytes);
    }
}

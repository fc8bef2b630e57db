namespace TokenBudget.Sharing;

/// <summary>Where processes agree on who may use which part of a limit.</summary>
/// <remarks>
/// <para>
/// Each process holds a share of a limit and enforces it by itself, as if the share was the limit. The shares of all never add up to more than the limit, so what all
/// use does not either. A share is lent: it is renewed before its time is over, and what a process can spare goes back when it renews.
/// </para>
/// <para>
/// A store that was emptied, or restored from a copy, finds out by what it is told (<see cref="ShareBid.Heard"/>) and by a mark that is gone, and then lends nobody more than it holds until what
/// it may have forgotten is over: one lifetime of a share while nobody tells of any, and a minute more when somebody does.
/// </para>
/// <para>
/// Time is the store's own; the clocks of processes are never compared. Each limit changes in one atomic step. Implementations are thread-safe.
/// </para>
/// </remarks>
public interface ISharedLimitStore
{
    /// <summary>Declares what a process holds of some limits and what it wants, and tells what it has from now on.</summary>
    /// <param name="holder">The process.</param>
    /// <param name="sequence">Rises with every exchange of the holder. An exchange that arrives after a later one changes nothing.</param>
    /// <param name="bids">One per limit, each limit once.</param>
    /// <param name="terms">On what terms shares are lent.</param>
    /// <param name="cancellationToken">Stops waiting; the exchange may have happened all the same.</param>
    /// <returns>The shares, in the order of the bids.</returns>
    ValueTask<IReadOnlyList<LimitShare>> ExchangeAsync(
        Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms, CancellationToken cancellationToken = default);
}

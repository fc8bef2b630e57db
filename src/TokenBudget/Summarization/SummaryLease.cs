using TokenBudget.Sharing;

namespace TokenBudget.Summarization;

/// <summary>Lets one process at a time summarize a conversation, where processes share a store: what two make at once is paid for twice and kept once.</summary>
/// <param name="store">Where processes agree; unset, this one is alone.</param>
internal sealed class SummaryLease(ISharedLimitStore? store)
{
    // Longer than a summary takes. Of a process that is killed meanwhile, another takes over after that.
    private static readonly ShareTerms Terms = new(TimeSpan.FromMinutes(3), TimeSpan.Zero, WorksAlone: false);
    private static readonly ShareTerms Over = new(TimeSpan.Zero, TimeSpan.Zero, WorksAlone: false);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Runs work unless another process does the same.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="work">Makes the summary.</param>
    /// <param name="otherwise">The result when another process makes it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public async Task<T> RunAsync<T>(string conversation, Func<Task<T>> work, T otherwise, TimeProvider time, CancellationToken cancellationToken)
    {
        if (store is null)
            return await work().ConfigureAwait(false);
        var holder = Guid.NewGuid();
        if (!await TakeAsync().ConfigureAwait(false))
            return otherwise;
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            await ExchangeAsync(2, wants: 0, Over, CancellationToken.None).ConfigureAwait(false);
        }

        // A summary is worth more than the certainty that nobody else makes it.
        async Task<bool> TakeAsync() => await ExchangeAsync(1, wants: 1, Terms, cancellationToken).ConfigureAwait(false) is not 0;

        async Task<long?> ExchangeAsync(long sequence, long wants, ShareTerms terms, CancellationToken stop)
        {
            try
            {
                var shares = await store.ExchangeAsync(holder, sequence, [new ShareBid($"summary/{conversation}", 1, 0, wants, 0, 0)], terms, stop)
                    .AsTask().WaitAsync(Patience, time, stop).ConfigureAwait(false);
                return shares[0].Amount;
            }
            catch (Exception) when (!stop.IsCancellationRequested)
            {
                return null;
            }
        }
    }
}

using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>An answer made at once.</summary>
internal sealed class ResponseFlight(
    ResponseCache cache, EntryKey key, CacheEntryInfo info, Flight? parent, Func<CancellationToken, Task<ChatResponse>> create)
    : Flight(key, info, parent)
{
    /// <summary>Makes the answer. Runs on the first caller's context; nobody awaits it: all, the first caller too, wait for the landing.</summary>
    public async Task RunAsync()
    {
        FlightOutcome outcome;
        try
        {
            using (cache.Enter(this))
            {
                outcome = await cache.FindElsewhereAsync(this, StopToken).ConfigureAwait(false) ?? cache.Keep(this, await MakeAsync().ConfigureAwait(false), isFaithful: true);
            }
        }
        catch (Exception error)
        {
            var stale = StopToken.IsCancellationRequested ? null : cache.FindStale(this, error);
            outcome = cache.Pass(this, stale ?? new FlightOutcome(error));
        }

        Land(outcome);
    }

    public override Task<FlightOutcome> WaitAsync(CancellationToken cancellationToken) => Landed.WaitAsync(cancellationToken);

    public override async Task StopAsync()
    {
        Cancel();
        await Landed.ConfigureAwait(false);
    }

    private async Task<ChatResponse> MakeAsync() =>
        await create(StopToken).ConfigureAwait(false) ?? throw new InvalidOperationException("The function that makes the answer returned null.");
}

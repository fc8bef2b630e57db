using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

public sealed partial class ResponseCache
{
    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> GetOrCreateStreamAsync(
        CacheKey key,
        CacheEntryInfo info,
        Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> create,
        Action<CacheOutcome>? onOutcome = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(create);
        return StreamAsync(new EntryKey(key, info.Scope), info, create, onOutcome, cancellationToken);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        EntryKey key,
        CacheEntryInfo info,
        Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> create,
        Action<CacheOutcome>? onOutcome,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var retried = false; ; retried = true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var seat = TakeSeat(key, parent => new StreamFlight(this, key, info, parent, create));
            ChatResponse? whole = seat.Hit;
            FlightOutcome? outcome = null;
            if (seat.Flight is StreamFlight stream)
            {
                var index = 0;
                try
                {
                    while (await stream.ReadAsync(index, cancellationToken).ConfigureAwait(false) is { } item)
                    {
                        if (index++ == 0)
                            onOutcome?.Invoke(seat.Leads ? stream.Source : Joined(stream.Source));
                        yield return seat.Leads ? item.TakeOriginal() : item.Copy();
                    }
                }
                finally
                {
                    await LeaveAsync(stream).ConfigureAwait(false);
                }

                outcome = await stream.Landed.ConfigureAwait(false);
                // Who has passed on a part of the answer cannot begin another.
                if (outcome.Error is not null && (seat.Leads || retried || index > 0))
                    outcome.Error.Throw();
                if (outcome.Error is not null)
                    continue;
                if (index == 0)
                    onOutcome?.Invoke(seat.Leads ? stream.Source : Joined(stream.Source));
                yield break;
            }

            if (seat.Flight is { } flight)
            {
                outcome = await WaitAsync(flight, cancellationToken).ConfigureAwait(false);
                if (outcome.Error is not null && retried)
                    outcome.Error.Throw();
                if (outcome.Error is not null)
                    continue;
                whole = outcome.Copy();
            }

            if (whole is null)
            {
                onOutcome?.Invoke(CacheOutcome.Miss);
                await foreach (var update in create(cancellationToken).WithCancellation(cancellationToken).ConfigureAwait(false))
                    yield return update;
                yield break;
            }

            onOutcome?.Invoke(seat.Hit is null ? Joined(outcome!.Source) : CacheOutcome.Hit);
            foreach (var update in whole.ToChatResponseUpdates())
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return update;
            }

            yield break;
        }
    }
}

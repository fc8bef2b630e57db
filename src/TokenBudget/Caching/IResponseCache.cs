using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>Answers repeated requests without sending them, and equal requests at the same time by sending one. Thread-safe.</summary>
public interface IResponseCache
{
    /// <summary>The answer for a key: from the cache, from a call that is making it now, or made here.</summary>
    /// <param name="key">Everything that can change the answer; see <see cref="CacheKeyBuilder"/>.</param>
    /// <param name="info">Whose answer it is and how long it serves.</param>
    /// <param name="create">
    /// Makes the answer. At most one runs for a key at a time. Its token is cancelled when nobody waits for the answer any more, not when the first caller
    /// leaves; it must be used instead of the caller's own.
    /// </param>
    /// <param name="cancellationToken">Stops waiting. Other callers of the same key are not disturbed.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <remarks>
    /// When <paramref name="create"/> throws, its caller gets the exception; of those who waited one tries again, once, and if that fails too they get that
    /// exception. Nothing the cache itself does wrong fails a call.
    /// </remarks>
    ValueTask<CacheResult> GetOrCreateAsync(
        CacheKey key, CacheEntryInfo info, Func<CancellationToken, Task<ChatResponse>> create, CancellationToken cancellationToken = default);

    /// <summary>
    /// The same as a stream. Entries are shared with <see cref="GetOrCreateAsync"/>: a stored answer is replayed; a new one passes through as it arrives
    /// and is kept when it ends complete. Callers that come meanwhile read along from the start.
    /// </summary>
    /// <param name="key">Everything that can change the answer.</param>
    /// <param name="info">Whose answer it is and how long it serves.</param>
    /// <param name="create">Starts the answer, under a token that is cancelled when nobody reads any more.</param>
    /// <param name="onOutcome">Told once for each enumeration where the answer comes from: before the first update, or at the end if there is none.</param>
    /// <param name="cancellationToken">Stops reading. Other readers are not disturbed.</param>
    /// <returns>
    /// A stream that does nothing until it is read. A reader that stops early takes nothing from the others; if it was the last one, nothing is kept.
    /// </returns>
    IAsyncEnumerable<ChatResponseUpdate> GetOrCreateStreamAsync(
        CacheKey key,
        CacheEntryInfo info,
        Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> create,
        Action<CacheOutcome>? onOutcome = null,
        CancellationToken cancellationToken = default);

    /// <summary>The answer for a key if it is there and serves, and nothing else: no answer is waited for or made.</summary>
    /// <param name="key">Everything that can change the answer.</param>
    /// <param name="info">Whose answer it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The caller's own object, counted as a hit; <see langword="null"/>, and nothing counted, where none is at hand. A cache may leave out what is costly to reach.</returns>
    ValueTask<ChatResponse?> TryGetAsync(CacheKey key, CacheEntryInfo info, CancellationToken cancellationToken = default);

    /// <summary>Keeps an answer made elsewhere, for example to warm the cache.</summary>
    /// <param name="key">Everything that can change the answer.</param>
    /// <param name="info">Whose answer it is and how long it serves.</param>
    /// <param name="response">The answer; only read.</param>
    /// <returns><see langword="false"/> when it is not complete, does not fit or does not serialize.</returns>
    bool TryStore(CacheKey key, CacheEntryInfo info, ChatResponse response);

    /// <summary>What the cache did and holds.</summary>
    ResponseCacheStatistics GetStatistics();

    /// <summary>Forgets every answer, in the second level too. Answers being made now reach their callers but are not kept.</summary>
    /// <param name="cancellationToken">Gives up on the second level; memory is cleared in any case.</param>
    /// <returns>How many were forgotten in memory.</returns>
    /// <exception cref="ResponseCacheUnavailableException">The second level, or the backplane, did not take the order; memory is cleared.</exception>
    ValueTask<int> ClearAsync(CancellationToken cancellationToken = default);

    /// <summary>Forgets the answers of one agent, as <see cref="ClearAsync"/> does with all.</summary>
    /// <param name="agent">The agent's name, compared ordinally.</param>
    /// <param name="cancellationToken">Gives up on the second level.</param>
    /// <returns>How many were forgotten in memory.</returns>
    /// <exception cref="ResponseCacheUnavailableException">The second level, or the backplane, did not take the order; memory is cleared.</exception>
    ValueTask<int> ClearAgentAsync(string agent, CancellationToken cancellationToken = default);

    /// <summary>Forgets the answers of one method, as <see cref="ClearAsync"/> does with all.</summary>
    /// <param name="agent">The agent's name, compared ordinally.</param>
    /// <param name="method">The method's name, compared ordinally.</param>
    /// <param name="cancellationToken">Gives up on the second level.</param>
    /// <returns>How many were forgotten in memory.</returns>
    /// <exception cref="ResponseCacheUnavailableException">The second level, or the backplane, did not take the order; memory is cleared.</exception>
    ValueTask<int> ClearMethodAsync(string agent, string method, CancellationToken cancellationToken = default);

    /// <summary>Forgets the answers of one scope, as <see cref="ClearAsync"/> does with all.</summary>
    /// <param name="scope">The scope, compared ordinally.</param>
    /// <param name="cancellationToken">Gives up on the second level.</param>
    /// <returns>How many were forgotten in memory.</returns>
    /// <exception cref="ResponseCacheUnavailableException">The second level, or the backplane, did not take the order; memory is cleared.</exception>
    ValueTask<int> ClearScopeAsync(string scope, CancellationToken cancellationToken = default);
}

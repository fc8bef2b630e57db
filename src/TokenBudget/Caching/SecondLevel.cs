using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;

namespace TokenBudget.Caching;

/// <summary>
/// The second level of the cache: answers in somebody else's store, shared by processes. Every operation ends within the timeout, and after some failures in a row
/// it is not asked for a while. Reading and writing never throw; clearing does, because who clears must know.
/// </summary>
internal sealed class SecondLevel(IDistributedCache cache, ResponseCacheOptions options, TimeProvider time)
{
    private const string Prefix = "tokenbudget:1:";

    private const string AllName = Prefix + "generation";

    private const int MaxPendingWrites = 256;

    private readonly CircuitBreaker _breaker = new(options.SecondLevelFailures, options.SecondLevelPause, time);
    private readonly TimeSpan _timeout = options.SecondLevelTimeout;
    private readonly int _maxPayloadBytes = options.SecondLevelMaxPayloadBytes;
    private int _pendingWrites;
    private long _failures;
    private long _invalid;

    /// <summary>Operations that failed or took too long.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Payloads that were damaged, too large, too old or another's, and were removed.</summary>
    public long Invalid => Interlocked.Read(ref _invalid);

    public bool IsPaused => _breaker.IsOpen;

    /// <summary>How many writes have not ended; they run beside the calls.</summary>
    internal int PendingWrites => Volatile.Read(ref _pendingWrites);

    /// <summary>Looks for an answer and for the generations a new one would belong to; none of both while the store does not answer.</summary>
    public async ValueTask<(SecondLevelPayload? Payload, CacheGenerations? Generations)> FindAsync(EntryKey key, CacheEntryInfo info, CancellationToken cancellationToken)
    {
        var found = await TryAsync(
            async token =>
            {
                // At the same time: one round trip.
                var bytes = cache.GetAsync(NameOf(key), token);
                var generations = GenerationsAsync(info, token);
                return (await bytes.ConfigureAwait(false), await generations.ConfigureAwait(false));
            },
            cancellationToken).ConfigureAwait(false);
        if (found is not var (payload, generations))
            return default;
        if (payload is null)
            return (null, generations);

        if (payload.Length <= _maxPayloadBytes && SecondLevelPayload.TryRead(payload, key, generations, time.GetUtcNow()) is { } read && read.Age < read.Ttl + (info.StaleOnError ?? TimeSpan.Zero))
            return (read, generations);
        Invalidate(key);
        return (null, generations);
    }

    /// <summary>Keeps an answer, beside the call.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="info">Whose it is.</param>
    /// <param name="ttl">How long it serves.</param>
    /// <param name="json">The answer.</param>
    /// <param name="generations">What it belonged to when its making began; none, what it belongs to now.</param>
    public void Store(EntryKey key, CacheEntryInfo info, TimeSpan ttl, byte[] json, CacheGenerations? generations) => Write(async token =>
    {
        var payload = SecondLevelPayload.Write(key, generations ?? await GenerationsAsync(info, token).ConfigureAwait(false), time.GetUtcNow(), ttl, json);
        if (payload.Length > _maxPayloadBytes)
            return;
        var entry = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = ttl + (info.StaleOnError ?? TimeSpan.Zero) };
        await cache.SetAsync(NameOf(key), payload, entry, token).ConfigureAwait(false);
    });

    /// <summary>Removes what does not read, beside the call.</summary>
    public void Invalidate(EntryKey key)
    {
        Interlocked.Increment(ref _invalid);
        Write(token => cache.RemoveAsync(NameOf(key), token));
    }

    /// <exception cref="ResponseCacheUnavailableException">The store did not take the order.</exception>
    public Task ClearAsync(CacheClear what, CancellationToken cancellationToken) => RenewAsync(
        what switch
        {
            { Agent: { } agent, Method: { } method } => MethodName(agent, method),
            { Agent: { } agent } => AgentName(agent),
            { Scope: { } scope } => ScopeName(scope),
            _ => AllName,
        },
        cancellationToken);

    // Hashed where users choose the text: stores limit length and letters of their keys, and a name must not run into another.
    private static string NameOf(EntryKey key) => $"{Prefix}{key.Key}:{Hash(key.Scope ?? string.Empty)}";

    private static string AgentName(string agent) => $"{AllName}:agent:{Hash(agent)}";

    private static string MethodName(string agent, string method) => $"{AllName}:method:{Hash(agent)}:{Hash(method)}";

    private static string ScopeName(string? scope) => scope is null ? $"{AllName}:noscope" : $"{AllName}:scope:{Hash(scope)}";

    private static string Hash(string text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        return Convert.ToHexStringLower(digest[..16]);
    }

    private async Task<CacheGenerations> GenerationsAsync(CacheEntryInfo info, CancellationToken cancellationToken)
    {
        var all = GenerationAsync(AllName, cancellationToken);
        var agent = GenerationAsync(AgentName(info.Agent), cancellationToken);
        var method = GenerationAsync(MethodName(info.Agent, info.Method), cancellationToken);
        var scope = GenerationAsync(ScopeName(info.Scope), cancellationToken);
        return new CacheGenerations(
            await all.ConfigureAwait(false), await agent.ConfigureAwait(false), await method.ConfigureAwait(false), await scope.ConfigureAwait(false));
    }

    /// <summary>The number under a name. One that is not there is made: nothing that was stored before it can be right.</summary>
    private async Task<Guid> GenerationAsync(string name, CancellationToken cancellationToken)
    {
        if (await cache.GetAsync(name, cancellationToken).ConfigureAwait(false) is { Length: 16 } known)
            return new Guid(known);
        var made = Guid.NewGuid();
        await SetGenerationAsync(name, made, cancellationToken).ConfigureAwait(false);
        return made;
    }

    private Task SetGenerationAsync(string name, Guid generation, CancellationToken cancellationToken) =>
        cache.SetAsync(name, generation.ToByteArray(), new DistributedCacheEntryOptions(), cancellationToken);

    private async Task RenewAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await WithinTimeoutAsync(
                async token =>
                {
                    await SetGenerationAsync(name, Guid.NewGuid(), token).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Interlocked.Increment(ref _failures);
            throw new ResponseCacheUnavailableException(exception);
        }
    }

    private void Write(Func<CancellationToken, Task> write)
    {
        // A store slower than its callers must not pile up their answers.
        if (Interlocked.Increment(ref _pendingWrites) > MaxPendingWrites)
        {
            Interlocked.Decrement(ref _pendingWrites);
            Interlocked.Increment(ref _failures);
            return;
        }

        _ = RunAsync();

        async Task RunAsync()
        {
            await TryAsync(
                async token =>
                {
                    await write(token).ConfigureAwait(false);
                    return (true, true);
                },
                CancellationToken.None).ConfigureAwait(false);
            Interlocked.Decrement(ref _pendingWrites);
        }
    }

    private async ValueTask<T?> TryAsync<T>(Func<CancellationToken, Task<T>> operation, CancellationToken cancellationToken)
        where T : struct
    {
        if (!_breaker.TryEnter())
            return null;
        try
        {
            var result = await WithinTimeoutAsync(operation, cancellationToken).ConfigureAwait(false);
            _breaker.Succeed();
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _breaker.Leave();
            return null;
        }
        // Whatever the store throws, also our own timeout.
        catch (Exception)
        {
            _breaker.Fail();
            Interlocked.Increment(ref _failures);
            return null;
        }
    }

    /// <summary>Runs on another thread: a store that blocks, instead of waiting, would hold up its caller beyond the timeout.</summary>
    private async Task<T> WithinTimeoutAsync<T>(Func<CancellationToken, Task<T>> operation, CancellationToken cancellationToken)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Task.Run(() => operation(source.Token), CancellationToken.None);
        try
        {
            return await running.WaitAsync(_timeout, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await source.CancelAsync().ConfigureAwait(false);
            // Nobody awaits it after the timeout.
            _ = running.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }
}

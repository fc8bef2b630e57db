namespace TokenBudget.Caching;

/// <summary>What all methods that compare questions by meaning share: the questions, the state of the embedding generator, and the counts. Thread-safe.</summary>
internal sealed class SimilarAnswers(long maxBytes, TimeSpan timeout, TimeProvider time)
{
    /// <summary>A longer text says more than its embedding holds, and its guards would let too much through.</summary>
    public const int MaxTextLength = 1_000;

    private long _hits;
    private long _misses;
    private long _guarded;
    private long _embeddings;
    private long _failures;

    public SimilarityIndex Questions { get; } = new(maxBytes);

    public CircuitBreaker Breaker { get; } = new(failures: 5, pause: TimeSpan.FromSeconds(30), time);

    /// <summary>The longest a call waits for an embedding.</summary>
    public TimeSpan Timeout => timeout;

    public void CountHit() => Interlocked.Increment(ref _hits);

    public void CountMiss(bool wasGuarded) => Interlocked.Increment(ref wasGuarded ? ref _guarded : ref _misses);

    public void CountEmbedding() => Interlocked.Increment(ref _embeddings);

    public void CountFailure() => Interlocked.Increment(ref _failures);

    public SimilarityStatistics GetStatistics()
    {
        var (entries, bytes) = Questions.Size;
        return new SimilarityStatistics
        {
            Hits = Interlocked.Read(ref _hits),
            Misses = Interlocked.Read(ref _misses),
            Guarded = Interlocked.Read(ref _guarded),
            Embeddings = Interlocked.Read(ref _embeddings),
            Failures = Interlocked.Read(ref _failures),
            IsPaused = Breaker.IsOpen,
            Entries = entries,
            Bytes = bytes,
        };
    }
}

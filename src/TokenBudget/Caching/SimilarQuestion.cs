namespace TokenBudget.Caching;

/// <summary>A question whose answer may serve for others.</summary>
/// <param name="Partition">Everything else that was sent: only questions of one partition are compared.</param>
/// <param name="Answer">Where its answer lies in the cache.</param>
/// <param name="Text">Its words.</param>
/// <param name="Vector">Its embedding, of length 1.</param>
internal sealed record SimilarQuestion(EntryKey Partition, EntryKey Answer, string Text, float[] Vector)
{
    /// <summary>What one costs besides text and vector: itself, its list node, its slots in two tables and the array's header.</summary>
    internal const int OverheadBytes = 400;

    public long Bytes { get; } = OverheadBytes + (sizeof(float) * (long)Vector.Length) + (sizeof(char) * (long)(Text.Length + (Partition.Scope?.Length ?? 0)));
}

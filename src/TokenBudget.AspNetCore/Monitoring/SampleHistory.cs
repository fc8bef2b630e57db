using TokenBudget.RateLimiting;

namespace TokenBudget.AspNetCore.Monitoring;

/// <summary>The last ten minutes, second by second, so that a page that is opened has something to show.</summary>
internal sealed class SampleHistory
{
    public const int Length = 600;

    // A configuration with hundreds of limits is not drawn, and must not fill the memory.
    private const int MaxLimits = 8;

    private readonly Lock _gate = new();
    private readonly Queue<Sample> _samples = new(Length);

    public IReadOnlyList<Sample> Samples
    {
        get
        {
            lock (_gate)
                return [.. _samples];
        }
    }

    public void Add(DateTimeOffset at, IReadOnlyList<RateLimitStatus> limits)
    {
        var sample = new Sample(at, [.. limits.Take(MaxLimits).Select(static limit => new LimitSample(limit.Name, limit.InputTokens, limit.OutputTokens, limit.Waiting))]);
        lock (_gate)
        {
            if (_samples.Count == Length)
                _samples.Dequeue();
            _samples.Enqueue(sample);
        }
    }
}

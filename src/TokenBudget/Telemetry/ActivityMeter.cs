using TokenBudget.Models;

namespace TokenBudget.Telemetry;

/// <summary>Adds up what a method does. A lock of its own, held for a few additions, so that a reader sees numbers of one instant.</summary>
internal sealed class ActivityMeter
{
    private readonly Lock _gate = new();
    private long _requests;
    private long _savedTokens;
    private Usd _savedCost;
    private long _trimmed;
    private long _newestInput;
    private long _largestInput;
    private int? _maxInput;
    private TimeSpan _overhead;
    private TimeSpan _throttled;

    public void Add(in SettledRequest request)
    {
        lock (_gate)
        {
            _requests++;
            _savedTokens += request.SavedTokens;
            _savedCost = Usd.MaxValue - _savedCost < request.SavedCost ? Usd.MaxValue : _savedCost + request.SavedCost;
            _trimmed += request.SavedTokens > 0 ? 1 : 0;
            _overhead += request.Overhead.Time * request.Overhead.Requests;
            _throttled += request.Throttled;
            _maxInput = request.MaxInputTokens;
            // A request that was refused at the door had no input that anybody counted.
            if (request.InputTokens == 0)
                return;
            _newestInput = request.InputTokens;
            _largestInput = Math.Max(_largestInput, request.InputTokens);
        }
    }

    public MethodActivity Read(string agent, string method)
    {
        lock (_gate)
        {
            return new MethodActivity(agent, method)
            {
                Requests = _requests,
                SavedTokens = _savedTokens,
                SavedCost = _savedCost,
                TrimmedRequests = _trimmed,
                NewestInputTokens = _newestInput,
                LargestInputTokens = _largestInput,
                MaxInputTokens = _maxInput,
                Overhead = _overhead,
                Throttled = _throttled,
            };
        }
    }
}

namespace TokenBudget.Caching;

/// <summary>Lets nobody through for a while after a number of failures in a row, and then one, to see whether it works again. Thread-safe.</summary>
internal sealed class CircuitBreaker(int failures, TimeSpan pause, TimeProvider time)
{
    private readonly Lock _gate = new();
    private int _failed;
    private long _openedAt;
    private bool _isProbing;

    /// <summary>Whether nobody is let through, a probe aside.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
                return _failed >= failures;
        }
    }

    /// <summary>Whether the caller may try. Who may must say how it went.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_failed < failures)
                return true;
            if (_isProbing || time.GetElapsedTime(_openedAt) < pause)
                return false;
            return _isProbing = true;
        }
    }

    public void Succeed()
    {
        lock (_gate)
        {
            _failed = 0;
            _isProbing = false;
        }
    }

    /// <summary>Ends a try that says nothing about the other side.</summary>
    public void Leave()
    {
        lock (_gate)
            _isProbing = false;
    }

    public void Fail()
    {
        lock (_gate)
        {
            _failed++;
            _isProbing = false;
            _openedAt = time.GetTimestamp();
        }
    }
}

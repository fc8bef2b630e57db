namespace TokenBudget.Retries;

/// <summary>
/// How many retries the calls have earned: each call adds a share of one, each retry takes one, and no more than a reserve is saved. The reserve is there from the start, on
/// account of what the first calls will earn. While everything works a few failures are always covered; when everything fails, the load grows by the share and not by the number of attempts.
/// </summary>
/// <remarks>Thread-safe, without a lock. Retries taken ≤ the larger of the reserve and share × calls, at every instant.</remarks>
internal sealed class RetryBudget(double share, int reserve)
{
    // Counted in thousandths, so that sums are exact.
    private const long One = 1_000;
    private readonly long _perCall = (long)(share * One);
    // A share below a whole retry must be able to add up to one.
    private readonly long _most = share > 0 ? Math.Max(reserve, 1) * One : reserve * One;
    private long _saved = reserve * One;
    private long _owed = reserve * One;

    /// <summary>A call is made.</summary>
    public void Earn()
    {
        if (Volatile.Read(ref _owed) > 0)
        {
            var owed = Interlocked.Add(ref _owed, -_perCall);
            if (owed >= 0)
                return;
            // The last call of those that paid the reserve back keeps what is over; callers at the same time find it paid.
            Save(Math.Min(-owed, _perCall));
            return;
        }

        Save(_perCall);
    }

    /// <summary>Takes one retry, if there is one.</summary>
    public bool TryTake()
    {
        var saved = Volatile.Read(ref _saved);
        while (saved >= One)
        {
            var found = Interlocked.CompareExchange(ref _saved, saved - One, saved);
            if (found == saved)
                return true;
            saved = found;
        }

        return false;
    }

    private void Save(long earned)
    {
        var saved = Volatile.Read(ref _saved);
        while (saved < _most)
        {
            var found = Interlocked.CompareExchange(ref _saved, Math.Min(_most, saved + earned), saved);
            if (found == saved)
                return;
            saved = found;
        }
    }
}

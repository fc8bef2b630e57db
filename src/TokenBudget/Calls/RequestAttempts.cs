using TokenBudget.Retries;

namespace TokenBudget.Calls;

/// <summary>
/// Step 8: the attempts of one request. After a failure it decides whether there is another one and when: never before the provider allows it, never for what cannot succeed, within the
/// call's time, its number of attempts and the retry budget of the runtime.
/// </summary>
internal sealed class RequestAttempts
{
    private readonly EffectivePolicy _policy;
    private readonly CallServices _services;
    private readonly ClientState _client;
    private readonly long _started;
    private int _count;
    private ProviderExchange? _exchange;
    private SpendLimitPause? _pause;

    public RequestAttempts(EffectivePolicy policy, CallServices services, ClientState client)
    {
        _policy = policy;
        _services = services;
        _client = client;
        _started = policy.Settings.MaxWait is null ? 0 : Providers.Clock.Now;
        services.Providers.ThrowIfPaused(client.Account);
        services.Providers.Budget.Earn();
    }

    private ProviderGuard Providers => _services.Providers;

    /// <summary>What is left of the time in which the call may send; none, when it has no end.</summary>
    public TimeSpan? TimeLeft => _policy.Settings.MaxWait is not { } most ? null
        // The time begins with the first attempt.
        : _count == 0 ? most
        : TimeSpan.FromTicks(Math.Max(0, most.Ticks - (Providers.Clock.Now - _started)));

    /// <summary>What the provider said to the last attempt; <see langword="null"/> when the caller left.</summary>
    public ProviderError? Error { get; private set; }

    /// <summary>Another request is about to be sent; call <see cref="ProviderExchange.Open"/> of what it returns where it is sent.</summary>
    /// <returns>What will be seen of the wire; none, where nobody looks at it.</returns>
    public ProviderExchange? Begin(string modelId)
    {
        _count++;
        return _exchange = _client.MayBeHeard ? new ProviderExchange(Providers, _policy.Limiter, modelId) : null;
    }

    /// <summary>An attempt has brought the whole answer.</summary>
    public void Succeed()
    {
        Observe();
        if (!_client.HasAnswered)
            _client.HasAnswered = true;
        Providers.Paid(_client.Account);
    }

    /// <summary>An attempt has failed. To be called before it is settled: its end would let others go that have to wait now.</summary>
    /// <returns>How long to wait before the next attempt; none, when there is none.</returns>
    public TimeSpan? Fail(Exception exception, bool hasReachedCaller, CancellationToken cancellationToken)
    {
        Observe();
        if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            Error = null;
            return null;
        }

        var error = Error = FailureReader.Read(exception, _exchange, _services.StatusOf);
        var delay = DelayAfter(error);
        if (error.Kind is ProviderErrorKind.SlowDown)
            _policy.Limiter.SlowDown();
        if (error.Kind is ProviderErrorKind.SpendLimit)
        {
            _pause = Providers.Pause(_client.Account, error);
        }
        else if (error.Kind is ProviderErrorKind.RateLimited or ProviderErrorKind.SlowDown && _exchange?.Error?.RetryAfter is null)
        {
            // Nobody else has told the others yet. They wait in the limiter's queue, and so does the next attempt.
            _policy.Limiter.PauseFor(delay);
            delay = TimeSpan.Zero;
        }
        else if (error.RetryAfter is not null)
        {
            delay = TimeSpan.Zero;
        }

        if (hasReachedCaller || !MayRepeat(error, exception))
            return null;
        _services.Telemetry.Retried(_policy.Agent, error.Kind);
        return delay;
    }

    /// <summary>The exception that reaches the caller: the SDK's own with what is known about it, or ours where money is the matter.</summary>
    public Exception Final(Exception exception)
    {
        if (Error is null)
            return exception;
        if (_pause is not null)
            exception = new ProviderSpendLimitException(_pause, wasSent: true, exception);
        new ProviderFailure(Error, _count).AttachTo(exception);
        return exception;
    }

    /// <summary>What the provider asks for, or a random step.</summary>
    private TimeSpan DelayAfter(ProviderError error)
    {
        var backoff = Providers.Backoff(_count);
        return error.RetryAfter is { } told && told > backoff ? told : backoff;
    }

    private bool MayRepeat(ProviderError error, Exception exception)
    {
        var wait = error.RetryAfter ?? TimeSpan.Zero;
        return error.IsRetryable
            && _client.CanRepeat
            // A budgeted client inside has done all that could be done.
            && _exchange is not { IsBudgetedInside: true } && ProviderFailure.Of(exception) is null
            && _exchange is not { HasProgressed: true }
            && _count < (_policy.Settings.MaxAttempts ?? Providers.Options.MaxAttempts)
            && wait <= Providers.Options.MaxDelay
            && !(wait >= TimeLeft)
            && (error.Kind is ProviderErrorKind.RateLimited or ProviderErrorKind.SlowDown || Providers.Budget.TryTake());
    }

    private void Observe()
    {
        if (_exchange?.Account is { } account)
            _client.Account = account;
        if (_exchange is { WasRetriedInside: true } && _client.ShouldWarn())
            _services.NestedRetries($"{_policy.Agent}.{_policy.Method}");
    }
}

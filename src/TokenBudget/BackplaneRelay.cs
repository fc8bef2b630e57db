using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TokenBudget.Caching;
using TokenBudget.Costs;
using TokenBudget.Sharing;

namespace TokenBudget;

/// <summary>Tells other processes what happens here — caches cleared, alerts — and does here what they tell. No call waits for it, but for the clearing of a cache.</summary>
/// <remarks>What comes in is only believed as far as it can do no harm: a cache is cleared needlessly, an alert shown. How a budget stands is read from the ledger.</remarks>
internal sealed partial class BackplaneRelay : IAsyncDisposable
{
    private const string CacheTopic = "cache-clear";
    private const string AlertTopic = "alert";

    // Alerts that wait while nobody can be told; the oldest go first.
    private const int MaxWaiting = 256;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly IBackplane _backplane;
    private readonly ResponseCache? _cache;
    private readonly CostTracker _costs;
    private readonly RuntimeAlerts _alerts;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Guid _self = Guid.NewGuid();
    private readonly string _origin = FormattableString.Invariant($"{Environment.MachineName}:{Environment.ProcessId}");
    private readonly Channel<TokenBudgetAlert> _waiting = Channel.CreateBounded<TokenBudgetAlert>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _listening;
    private readonly Task _telling;
    private int _disposed;

    public BackplaneRelay(IBackplane backplane, IResponseCache cache, CostTracker costs, RuntimeAlerts alerts, TimeProvider time, ILogger logger)
    {
        (_backplane, _costs, _alerts, _time, _logger) = (backplane, costs, alerts, time, logger);
        // Somebody else's cache tells its own others.
        _cache = cache as ResponseCache;
        if (_cache is not null)
            _cache.Announce = AnnounceAsync;
        alerts.Raised += Tell;
        // Before anything can be cached: what is published from now on is not missed.
        var messages = backplane.ListenAsync(_stop.Token);
        _listening = Task.Run(() => ListenAsync(messages));
        _telling = Task.Run(TellAsync);
    }

    /// <summary>Tells what waits, if it can be told within a second.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _alerts.Raised -= Tell;
        if (_cache is not null)
            _cache.Announce = null;
        _waiting.Writer.TryComplete();
        await _telling.WaitAsync(Patience, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_listening, _telling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private void Tell(object? sender, TokenBudgetAlert alert)
    {
        if (alert.Origin is null)
            _waiting.Writer.TryWrite(alert);
    }

    private async Task TellAsync()
    {
        await foreach (var alert in _waiting.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
        {
            var content = SharedAlert.Write(alert, _origin);
            // Names that long are somebody's mistake; the alert was raised here.
            if (content.Length > BackplaneMessage.MaxContentLength)
                continue;
            var message = new BackplaneMessage(_self, AlertTopic, content);
            while (!await TryPublishAsync(message).ConfigureAwait(false))
                await Task.Delay(Patience, _time, _stop.Token).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryPublishAsync(BackplaneMessage message)
    {
        try
        {
            await PublishAsync(message, _stop.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception) when (!_stop.IsCancellationRequested)
        {
            // Whatever it threw, it is tried again.
            return false;
        }
    }

    private async Task AnnounceAsync(CacheClear what, CancellationToken cancellationToken)
    {
        var content = new MessageFields().Add("agent", what.Agent).Add("method", what.Method).Add("scope", what.Scope).Write();
        try
        {
            await PublishAsync(new BackplaneMessage(_self, CacheTopic, content), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ResponseCacheUnavailableException(exception);
        }
    }

    private async Task PublishAsync(BackplaneMessage message, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await _backplane.PublishAsync(message, either.Token).AsTask().WaitAsync(Patience, _time, cancellationToken).ConfigureAwait(false);
    }

    private async Task ListenAsync(IAsyncEnumerable<BackplaneMessage> messages)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await foreach (var message in messages.ConfigureAwait(false))
                    await HearAsync(message).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (!_stop.IsCancellationRequested && exception is not ObjectDisposedException)
            {
                LogFailure(exception.GetType().Name);
            }

            await Task.Delay(Patience, _time, _stop.Token).ConfigureAwait(false);
            messages = _backplane.ListenAsync(_stop.Token);
            await HearAsync(BackplaneMessage.Gap).ConfigureAwait(false);
        }
    }

    private async Task HearAsync(BackplaneMessage message)
    {
        if (message.IsGap)
        {
            _cache?.Forget(CacheClear.Everything);
            await LookAtBudgetsAsync(null).ConfigureAwait(false);
        }
        else if (message.Sender != _self && message.Topic == CacheTopic && MessageFields.Read(message.Content) is { } what)
        {
            _cache?.Forget(new CacheClear(what.Text("agent"), what.Text("method"), what.Text("scope")));
        }
        else if (message.Sender != _self && message.Topic == AlertTopic && SharedAlert.Read(message.Content) is { } alert)
        {
            // Noted first, so that looking does not tell the same once more.
            var isNews = _alerts.IsNews(alert);
            if (alert.Status is { } status)
                await LookAtBudgetsAsync(status.Name).ConfigureAwait(false);
            if (isNews)
                _alerts.Raise(alert);
        }
    }

    private async Task LookAtBudgetsAsync(string? budget)
    {
        try
        {
            await _costs.RefreshAsync(budget, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception) when (!_stop.IsCancellationRequested)
        {
            // The next request of the budget finds out.
        }
    }

    [LoggerMessage(11, LogLevel.Warning, "What other processes tell cannot be heard ({Error}); trying again")]
    private partial void LogFailure(string error);
}

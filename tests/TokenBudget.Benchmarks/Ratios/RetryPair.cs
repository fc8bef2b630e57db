using System.Threading.RateLimiting;
using Polly;
using Polly.Retry;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Routing;

namespace TokenBudget.Benchmarks.Ratios;

/// <summary>
/// One request that succeeds at once, admitted by a limit and guarded by retries: the limiter and the attempts of a budgeted client, against Polly's retry pipeline around the framework's token bucket.
/// </summary>
internal static class RetryPair
{
    public static RatioPair Create()
    {
        var ours = new OurWay();
        var theirs = new TheirWay();
        return new RatioPair("limiter and retries", "Polly retry, token bucket", 0.4, () => Wait(ours.SendAsync()), () => Wait(theirs.SendAsync()));
    }

    private static void Wait(ValueTask<int> work)
    {
        if (!work.IsCompletedSuccessfully)
            throw new InvalidOperationException("The request did not succeed at once.");
        work.GetAwaiter().GetResult();
    }

    private static ValueTask<int> Answer(CancellationToken cancellationToken) => new(cancellationToken.IsCancellationRequested ? 0 : 1);

    private sealed class OurWay
    {
        private readonly CallServices _services;
        private readonly EffectivePolicy _policy;
        private readonly ClientState _client = new(UnboundClient.Instance, canRepeat: true);

        public OurWay()
        {
            var runtime = new TokenBudgetRuntime(new TokenBudgetOptions());
            var settings = new BudgetSettings { MaxWait = TimeSpan.FromMinutes(10) };
            _services = new CallServices(
                true, ModelCatalogue.Default, true, null, runtime.Counters, runtime.Costs, runtime.Providers, static _ => { }, static _ => { }, null, new ModelOverloads(TimeProvider.System), runtime.Telemetry, TimeProvider.System);
            _policy = new EffectivePolicy(
                "Bench", "Ask", settings, new MethodBudgets("Bench", "Ask", settings, []), new TokenRateLimiter("bench", new RateLimits { TokensPerMinute = long.MaxValue / 2, RequestsPerMinute = long.MaxValue / 2 }));
        }

        public async ValueTask<int> SendAsync()
        {
            var attempts = new RequestAttempts(_policy, _services, _client);
            while (true)
            {
                var reservation = await _policy.Limiter.ReserveAsync(new TokenDemand(100, 10), _policy.TermsFor(null, attempts.TimeLeft)).ConfigureAwait(false);
                TimeSpan? again;
                try
                {
                    attempts.Begin("model")?.Open();
                    var answer = await Answer(CancellationToken.None).ConfigureAwait(false);
                    attempts.Succeed();
                    reservation.Settle(new TokenDemand(90, 5));
                    return answer;
                }
                catch (Exception exception)
                {
                    again = attempts.Fail(exception, hasReachedCaller: false, CancellationToken.None);
                    reservation.Settle(default);
                    if (again is null)
                        throw;
                }

                await Task.Delay(again.Value, TimeProvider.System).ConfigureAwait(false);
            }
        }
    }

    private sealed class TheirWay
    {
        private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 4, BackoffType = DelayBackoffType.Exponential, UseJitter = true })
            .Build();

        private readonly TokenBucketRateLimiter _limiter = new(new TokenBucketRateLimiterOptions
        {
            TokenLimit = int.MaxValue,
            TokensPerPeriod = int.MaxValue,
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(10),
            QueueLimit = 10_000,
            AutoReplenishment = true,
        });

        public ValueTask<int> SendAsync() => _pipeline.ExecuteAsync(
            static async (limiter, cancellationToken) =>
            {
                using var lease = await limiter.AcquireAsync(110, cancellationToken).ConfigureAwait(false);
                return lease.IsAcquired ? await Answer(cancellationToken).ConfigureAwait(false) : throw new InvalidOperationException("Refused.");
            },
            _limiter);
    }
}

using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.Calls;

/// <summary>A million calls, a fifth of them cancelled, failing, cut or left: nothing stays held, and the heap does not grow.</summary>
[Collection(nameof(ManyCallsTests))]
public sealed class ManyCallsTests
{
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";
    private static readonly List<ChatMessage> Hello = [new(ChatRole.User, "hello there")];

    [Fact]
    public async Task Nothing_stays_held_and_the_heap_stays_flat()
    {
        var calls = Nightly ? 1_000_000 : 50_000;
        await using var sample = new CallSample(
            static options =>
            {
                // Timers of the test's clock stay in its list until they are due.
                options.Defaults = options.Defaults with { MaxWait = null };
                options.Retries.StreamSilence = null;
            },
            new ForgetfulLedger());
        using var provider = new UnreliableClient();
        var client = sample.Client(provider, new BudgetSettings
        {
            MaxOutputTokens = 100, TokensPerMinute = 1_000_000, RequestsPerMinute = 100_000, MaxConcurrentRequests = 6, TenantTokensPerMinute = 900_000, LimitUsd = 1_000_000,
        });

        await RunAsync(5_000);
        sample.Time.Advance(TimeSpan.FromMinutes(2));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await RunAsync(calls);
        sample.Time.Advance(TimeSpan.FromMinutes(2));
        var after = GC.GetTotalMemory(forceFullCollection: true);

        sample.ShouldHoldNothing();
        provider.Open.ShouldBe(0);
        provider.Troubled.ShouldBeInRange(calls / 6, calls / 4);
        (after - before).ShouldBeLessThan((before / 50) + 500_000);
        sample.Runtime.RateLimits.ShouldHaveSingleItem().ShouldSatisfyAllConditions(limit => limit.TotalTokens.ShouldBe(0), limit => limit.Requests.ShouldBe(0));

        // Eight callers that take turns; whoever waits for the limit waits for the clock.
        async Task RunAsync(int count)
        {
            var next = 0;
            var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                for (int call; (call = Interlocked.Increment(ref next)) <= count;)
                {
                    await CallAsync(call);
                    if (call % 100 == 0)
                        sample.Time.Advance(TimeSpan.FromMilliseconds(400));
                }
            })).ToList();
            while (!Task.WhenAll(callers).IsCompleted)
            {
                await Task.WhenAny(Task.WhenAll(callers), Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
                sample.Time.Advance(TimeSpan.FromMilliseconds(100));
            }

            await Task.WhenAll(callers);
        }

        async Task CallAsync(int call)
        {
            using var cancellation = new CancellationTokenSource();
            var tenant = $"tenant {call % 50}";
            try
            {
                if (call % 2 == 0)
                {
                    var asking = client.GetResponseAsync(Hello, null, tenant, cancellation.Token);
                    if (call % 16 == 2)
                        await cancellation.CancelAsync();
                    await asking;
                }
                else
                {
                    var left = call % 32 == 1;
                    await foreach (var _ in client.GetStreamingResponseAsync(Hello, null, tenant, cancellation.Token))
                        if (left)
                            break;
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
            {
                // As it was to be.
            }
        }
    }

    /// <summary>Answers, or does not: a fifth of the requests is refused, cut, or cancelled on the way.</summary>
    private sealed class UnreliableClient : IChatClient
    {
        private int _requests;
        private int _open;
        private int _troubled;

        public int Open => _open;

        public int Troubled => _troubled;

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            using var _ = Begin();
            await Task.Yield();
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, "one")) { FinishReason = ChatFinishReason.Stop, Usage = Usage };
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            using var _ = Begin();
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, "one ");
            cancellationToken.ThrowIfCancellationRequested();
            if (_requests % 11 == 0)
                throw new IOException("cut");
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("two"), new UsageContent(Usage)]) { FinishReason = ChatFinishReason.Stop };
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }

        private static UsageDetails Usage => new() { InputTokenCount = 12, OutputTokenCount = 2 };

        private End Begin()
        {
            var request = Interlocked.Increment(ref _requests);
            if (request % 5 == 0)
            {
                Interlocked.Increment(ref _troubled);
                throw (request / 5 % 100) switch
                {
                    // Rarely: everybody waits for it.
                    0 => new HttpRequestException("busy", null, HttpStatusCode.TooManyRequests),
                    < 40 => new HttpRequestException("down", null, HttpStatusCode.InternalServerError),
                    < 70 => new HttpRequestException("reset", new IOException()),
                    _ => new OperationCanceledException("timeout"),
                };
            }

            Interlocked.Increment(ref _open);
            return new End(this);
        }

        private sealed class End(UnreliableClient client) : IDisposable
        {
            public void Dispose() => Interlocked.Decrement(ref client._open);
        }
    }

    /// <summary>Takes every line and keeps none.</summary>
    private sealed class ForgetfulLedger : ILedger
    {
        public ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default) => default;

        public ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default) => new(Usd.Zero);

        public ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(
            LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) => new([]);

        public IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<LedgerEntry>();
    }
}

using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

/// <summary>The store beside a model of it: which answers are there after any sequence of storing, asking, waiting and clearing.</summary>
public sealed class CacheModelTests
{
    private const long MaxBytes = 20_000;

    private static readonly int Runs = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 5_000 : 200;
    private static readonly int[] Lengths = [1, 300, 1_500, 4_000];
    private static readonly TimeSpan[] Times = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(900)];

    [Fact]
    public async Task It_holds_what_is_young_enough_and_most_recently_used()
    {
        var sizes = Lengths.ToDictionary(length => length, SizeOf);
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var time = new VirtualTimeProvider();
            var cache = Cache(time, MaxBytes);
            // The most recently used last.
            var model = new List<(int Key, int Length, TimeSpan Ends)>();
            var now = TimeSpan.Zero;
            for (var step = 0; step < 200; step++)
            {
                var key = random.Next(30);
                switch (random.Next(10))
                {
                    case < 5:
                        var length = Lengths[random.Next(Lengths.Length)];
                        var ttl = Times[random.Next(Times.Length)];
                        cache.TryStore(Key($"{key}"), Info with { Ttl = ttl, Agent = $"agent {key % 3}" }, Answer(new string('x', length))).ShouldBeTrue();
                        model.RemoveAll(entry => entry.Key == key);
                        while (model.Sum(entry => sizes[entry.Length]) + sizes[length] > MaxBytes)
                            model.RemoveAt(0);
                        model.Add((key, length, now + ttl));
                        break;
                    case < 8:
                        // An answer that was cut off is not kept, so asking changes nothing but the order.
                        var found = await cache.GetOrCreateAsync(Key($"{key}"), Info, _ => Task.FromResult(Answer(reason: ChatFinishReason.Length)));
                        var at = model.FindIndex(entry => entry.Key == key);
                        var isThere = at >= 0 && now < model[at].Ends;
                        found.Outcome.ShouldBe(isThere ? CacheOutcome.Hit : CacheOutcome.Miss, $"seed {seed}, step {step}");
                        if (isThere)
                        {
                            found.Response.Text.Length.ShouldBe(model[at].Length);
                            model.Add(model[at]);
                        }

                        if (at >= 0)
                            model.RemoveAt(at);
                        break;
                    case 8:
                        var pause = TimeSpan.FromSeconds(random.Next(30));
                        time.Advance(pause);
                        now += pause;
                        break;
                    default:
                        var agent = random.Next(20);
                        (await cache.ClearAgentAsync($"agent {agent}")).ShouldBe(model.RemoveAll(entry => entry.Key % 3 == agent), $"seed {seed}, step {step}");
                        break;
                }

                var statistics = cache.GetStatistics();
                (statistics.Entries, statistics.Bytes).ShouldBe((model.Count, model.Sum(entry => sizes[entry.Length])), $"seed {seed}, step {step}");
            }
        }
    }

    private static long SizeOf(int length)
    {
        var cache = Cache();
        cache.TryStore(Key(), Info, Answer(new string('x', length)));
        return cache.GetStatistics().Bytes;
    }
}

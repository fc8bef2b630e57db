using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

/// <summary>The bytes a cache says it takes are those the garbage collector sees.</summary>
[Collection(nameof(CacheMemoryTests))]
public sealed class CacheMemoryTests
{
    [Theory]
    [InlineData("short", 20_000)]
    [InlineData("long", 3_000)]
    [InlineData("scoped", 20_000)]
    [InlineData("calls", 10_000)]
    [InlineData("image", 3_000)]
    [InlineData("cited", 5_000)]
    public void The_bytes_are_what_the_heap_grows_by_within_a_fifth(string kind, int count)
    {
        var cache = Cache(maxBytes: long.MaxValue);
        Fill(cache, kind, 10);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var counted = cache.GetStatistics().Bytes;
        Fill(cache, kind, count);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        counted = cache.GetStatistics().Bytes - counted;
        GC.KeepAlive(cache);
        ((double)counted / grown).ShouldBeInRange(0.8, 1.25, $"counted {counted / count}, measured {grown / count} bytes an entry");
    }

    private static void Fill(ResponseCache cache, string kind, int count)
    {
        for (var i = 0; i < count; i++)
            cache.TryStore(Key($"{kind} {count} {i}"), Info with { Scope = kind == "scoped" ? $"tenant {i}" : null, StoreToolCalls = true }, AnswerOf(kind, i)).ShouldBeTrue();
    }

    private static ChatResponse AnswerOf(string kind, int i)
    {
        var answer = Answer($"answer {i}");
        switch (kind)
        {
            case "long":
                answer = Answer(new string('x', 5_000) + i);
                break;
            case "calls":
                answer.Messages[0].Contents.Add(new FunctionCallContent($"call {i}", "weather", new Dictionary<string, object?>
                {
                    ["city"] = JsonSerializer.SerializeToElement("Paris"), ["days"] = JsonSerializer.SerializeToElement(new[] { 1, 2, 3 }),
                }));
                break;
            case "image":
                answer.Messages[0].Contents.Add(new DataContent(new byte[4_000], "image/png"));
                break;
            case "cited":
                answer.Messages[0].Contents[0].Annotations = [new CitationAnnotation { Title = new string('t', 500) }];
                break;
        }

        return answer;
    }
}

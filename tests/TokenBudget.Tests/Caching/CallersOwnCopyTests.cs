using System.Collections;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

#pragma warning disable MEAI001 // Experimental members belong to an answer like all others.

namespace TokenBudget.Tests.Caching;

/// <summary>Whatever a caller does to its answer, the next one gets it as it was made.</summary>
public sealed class CallersOwnCopyTests
{
    private static readonly int Runs = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 100_000 : 2_000;

    [Fact]
    public async Task Answers_with_all_contents_are_the_same_after_every_ruin()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var random = new Random(seed);
            var cache = Cache();
            var info = Info with { StoreToolCalls = true };
            var answer = AnswerOf(random);
            var expected = Json(ResponsePayload.TryRead(ResponsePayload.TryWrite(answer))!);
            var made = (await cache.GetOrCreateAsync(Key(), info, _ => Task.FromResult(answer))).Response;
            Ruin(made, random);
            for (var i = 0; i < 3; i++)
            {
                var hit = await cache.GetOrCreateAsync(Key(), info, _ => throw new InvalidOperationException($"seed {seed}: not kept"));
                Json(hit.Response).ShouldBe(expected, $"seed {seed}, hit {i}");
                Ruin(hit.Response, random);
                await foreach (var update in cache.GetOrCreateStreamAsync(Key(), info, _ => throw new InvalidOperationException()))
                    Ruin(update, random);
            }
        }
    }

    [Fact]
    public async Task Followers_get_copies_of_their_own()
    {
        var cache = Cache();
        var gate = new TaskCompletionSource<ChatResponse>();
        var callers = Enumerable.Range(0, 20).Select(_ => cache.GetOrCreateAsync(Key(), Info with { StoreToolCalls = true }, _ => gate.Task).AsTask()).ToList();
        var answer = AnswerOf(new Random(1));
        var expected = Json(ResponsePayload.TryRead(ResponsePayload.TryWrite(answer))!);
        gate.SetResult(answer);
        Ruin((await callers[0]).Response, new Random(1));
        foreach (var caller in callers.Skip(1))
        {
            var response = (await caller).Response;
            Json(response).ShouldBe(expected);
            Ruin(response, new Random(1));
        }
    }

    /// <summary>What is copied by hand: a new member in a later version of the library must not be lost.</summary>
    [Theory]
    [InlineData(typeof(ChatResponse), "AdditionalProperties ContinuationToken ConversationId CreatedAt FinishReason Messages ModelId RawRepresentation ResponseId Text Usage")]
    [InlineData(typeof(DataContent), "AdditionalProperties Annotations Base64Data Data MediaType Name RawRepresentation Uri")]
    public void Every_member_is_known(Type type, string members) =>
        string.Join(' ', type.GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal)).ShouldBe(members);

    private static ChatResponse AnswerOf(Random random)
    {
        var contents = RequestSamples.ContentVariants().Select(variant => variant.Content).Where(content => content is not (ErrorContent or InputRequestContent)).ToList();
        var messages = Enumerable.Range(0, 1 + random.Next(2)).Select(_ => new ChatMessage(ChatRole.Assistant, [
            new TextContent("text"), .. Enumerable.Range(0, random.Next(4)).Select(_ => contents[random.Next(contents.Count)]),
        ])
        {
            AuthorName = random.Next(2) == 0 ? null : "author", MessageId = "id", CreatedAt = random.Next(2) == 0 ? null : DateTimeOffset.UnixEpoch,
            AdditionalProperties = PropertiesOf(random),
        });
        // Through JSON, so that no two answers share what is ruined.
        return ResponsePayload.TryRead(ResponsePayload.TryWrite(new ChatResponse([.. messages])
        {
            FinishReason = ChatFinishReason.Stop, ResponseId = "r", ModelId = "m", CreatedAt = DateTimeOffset.UnixEpoch, AdditionalProperties = PropertiesOf(random),
            Usage = random.Next(3) == 0 ? null : new UsageDetails
            {
                InputTokenCount = random.Next(9), CachedInputTokenCount = random.Next(9), AdditionalCounts = random.Next(2) == 0 ? null : new() { ["a"] = random.Next(9) },
            },
        })!)!;
    }

    private static AdditionalPropertiesDictionary? PropertiesOf(Random random) => random.Next(3) switch
    {
        0 => null,
        1 => [],
        _ => new() { ["x"] = 1, ["nested"] = new Dictionary<string, object?> { ["list"] = new[] { 1, 2 } }, ["none"] = null },
    };

    private static string Json(ChatResponse response) => JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions);

    /// <summary>Changes or clears about half of all that can be changed.</summary>
    private static void Ruin(object value, Random random)
    {
        switch (value)
        {
            case string:
                return;
            case IDictionary<string, object?> values:
                foreach (var item in values.Values.ToList())
                    RuinAny(item, random);
                if (random.Next(2) == 0)
                    values.Clear();
                values["ruined"] = true;
                return;
            case IDictionary<string, long> counts:
                counts["a"] = 99;
                return;
            case IList list:
                foreach (var item in list)
                    RuinAny(item, random);
                if (!list.IsFixedSize && random.Next(2) == 0)
                    list.Clear();
                return;
        }

        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0))
        {
            if (property.PropertyType.IsClass || property.PropertyType.IsInterface)
                RuinAny(property.GetValue(value), random);
            if (!property.CanWrite || random.Next(2) == 0)
                continue;
            object? other = property.PropertyType == typeof(string) ? "ruined" : property.PropertyType == typeof(long?) ? 99L : null;
            try
            {
                property.SetValue(value, other);
            }
            catch (TargetInvocationException)
            {
                // Some members take no null.
            }
        }
    }

    private static void RuinAny(object? value, Random random)
    {
        if (value is IEnumerable or ChatMessage or AIContent or UsageDetails or AIAnnotation or AnnotatedRegion)
            Ruin(value, random);
    }
}

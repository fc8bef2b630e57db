using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.Conversations;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

public sealed class RecordedQuestionsTests
{
    [SharedDataFact]
    public async Task Each_recorded_question_is_a_hit_when_it_is_asked_again_and_only_then()
    {
        var questions = new List<List<ChatMessage>>();
        await foreach (var conversation in RecordedConversationReader.ReadAsync(SharedData.File("conversations/conversations.dev.jsonl.gz"), static error => Assert.Fail($"{error}")))
        {
            // What stands before the first answer: the system's words and the user's.
            List<ChatMessage> question = [.. conversation.Messages.TakeWhile(static message => message.Role != ChatRole.Assistant)];
            if (question.Any(static message => message.Role == ChatRole.User))
                questions.Add(question);
        }

        var cache = Cache(maxBytes: 100 << 20);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var asked in (List<ChatMessage>[])[.. questions, .. questions])
        {
            var isRepeated = !seen.Add(string.Join('\u0001', asked.Select(static message => $"{message.Role}\u0002{message.Text}")));
            var result = await cache.GetOrCreateAsync(KeyOf(asked), Info, _ => Task.FromResult(Answer(asked[^1].Text[..Math.Min(20, asked[^1].Text.Length)] + ".")));
            (result.Outcome == CacheOutcome.Hit).ShouldBe(isRepeated);
        }

        questions.Count.ShouldBeGreaterThan(200);
        cache.GetStatistics().Misses.ShouldBe(seen.Count);
    }

    private static CacheKey KeyOf(List<ChatMessage> messages)
    {
        using var builder = new CacheKeyBuilder();
        builder.Add(Info);
        // As they come from another place, with other objects and times.
        builder.AddMessages(messages.Select(static message => new ChatMessage(message.Role, [.. message.Contents]) { AuthorName = message.AuthorName, MessageId = $"{Guid.NewGuid()}" }));
        return builder.Build();
    }
}

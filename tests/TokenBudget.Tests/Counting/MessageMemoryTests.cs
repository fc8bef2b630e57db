using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Tests.Counting;

/// <summary>A message is counted once, and again when it was changed.</summary>
public sealed class MessageMemoryTests
{
    private readonly MessageCounter _counter;
    private int _countings;

    public MessageMemoryTests() => _counter = new MessageCounter(TokenCounter.Create(text =>
    {
        _countings++;
        return text.Length;
    }));

    [Fact]
    public void A_long_text_is_counted_once_whoever_carries_it()
    {
        var text = new string('x', 500);
        _counter.Count(new ChatMessage(ChatRole.User, text)).ShouldBe(504);
        _counter.Count(new ChatMessage(ChatRole.User, text)).ShouldBe(504);
        _countings.ShouldBe(1);
    }

    [Fact]
    public void A_turn_costs_what_it_added()
    {
        List<ChatMessage> history = [];
        for (var turn = 0; turn < 50; turn++)
        {
            history.Add(new ChatMessage(ChatRole.User, $"{turn}"));
            _countings = 0;
            history.Sum(_counter.Count);
            _countings.ShouldBe(1);
        }
    }

    [Fact]
    public void A_recount_allocates_nothing()
    {
        List<ChatMessage> history =
        [
            new(ChatRole.User, "hello") { AuthorName = "bob" },
            new(ChatRole.Assistant, [new TextReasoningContent("hm"), new FunctionCallContent("1", "look", new Dictionary<string, object?> { ["a"] = "b" })]),
            new(ChatRole.Tool, [new FunctionResultContent("1", JsonSerializer.SerializeToElement(new { a = 1 }))]),
        ];
        Total(history);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Total(history);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    public static TheoryData<string, int> Changes() => new()
    {
        { "text in place", 7 - 5 },
        { "content added", 2 },
        { "content removed", -5 },
        { "content replaced", 3 - 5 },
        { "contents replaced", 1 - 5 - (6 + 4 + 3 + 1 + 3) - (6 + 6) },
        { "name given", 1 + 3 },
        { "argument changed", 4 - 3 },
        { "argument added", 3 + 1 + 2 },
        { "arguments replaced", -(3 + 1 + 3) },
        { "result replaced", 2 - 6 },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_changed_message_is_counted_again(string change, int difference)
    {
        var call = new FunctionCallContent("1", "look", new Dictionary<string, object?> { ["a"] = "xyz" });
        var result = new FunctionResultContent("1", "result");
        var message = new ChatMessage(ChatRole.User, [new TextContent("hello"), call, result]);
        var before = _counter.Count(message);
        _counter.Count(message).ShouldBe(before);

        switch (change)
        {
            case "text in place": ((TextContent)message.Contents[0]).Text = "goodbye"; break;
            case "content added": message.Contents.Add(new TextContent("hi")); break;
            case "content removed": message.Contents.RemoveAt(0); break;
            case "content replaced": message.Contents[0] = new TextContent("hey"); break;
            case "contents replaced": message.Contents = [new TextContent("x")]; break;
            case "name given": message.AuthorName = "bob"; break;
            case "argument changed": call.Arguments!["a"] = "wxyz"; break;
            case "argument added": call.Arguments!["b"] = "xy"; break;
            case "arguments replaced": call.Arguments = null; break;
            case "result replaced": result.Result = "ok"; break;
            default: throw new ArgumentOutOfRangeException(nameof(change));
        }

        _counter.Count(message).ShouldBe(before + difference);
        _counter.Count(message).ShouldBe(before + difference);
    }

    [Fact]
    public void A_sequence_as_a_result_can_be_another_each_time_and_is_counted_every_time()
    {
        var more = false;
        var message = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", Parts())]);
        _counter.Count(message).ShouldBe(4 + 6 + 2);
        more = true;
        _counter.Count(message).ShouldBe(4 + 6 + 5);

        IEnumerable<AIContent> Parts()
        {
            yield return new TextContent("12");
            if (more)
                yield return new TextContent("345");
        }
    }

    [Fact]
    public void A_content_or_a_list_of_them_as_a_result_is_counted_once_and_again_when_it_was_changed()
    {
        var inner = new TextContent("1");
        var single = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", inner)]);
        _counter.Count(single).ShouldBe(4 + 6 + 1);
        _countings = 0;
        _counter.Count(single).ShouldBe(4 + 6 + 1);
        _countings.ShouldBe(0);
        inner.Text = "123";
        _counter.Count(single).ShouldBe(4 + 6 + 3);

        var parts = new List<AIContent> { new TextContent("12") };
        var message = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", parts)]);
        _counter.Count(message).ShouldBe(4 + 6 + 2);
        parts.Add(new TextContent("345"));
        _counter.Count(message).ShouldBe(4 + 6 + 5);
    }

    [Fact]
    public void What_is_remembered_keeps_no_message_alive()
    {
        var reference = CountAndForget();
        for (var attempt = 0; attempt < 5 && reference.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        reference.IsAlive.ShouldBeFalse();
    }

    [Fact]
    public async Task Many_threads_count_the_same()
    {
        List<ChatMessage> history = [.. Enumerable.Range(0, 200).Select(static index => new ChatMessage(ChatRole.User, new string('x', index)))];
        var counter = new MessageCounter(TokenCounter.Create(static text => text.Length));
        var totals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => history.Sum(counter.Count))));
        totals.ShouldAllBe(total => total == (200 * 4) + (199 * 200 / 2));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private WeakReference CountAndForget()
    {
        var message = new ChatMessage(ChatRole.User, new string('x', 500));
        _counter.Count(message);
        return new WeakReference(message);
    }

    private long Total(List<ChatMessage> history)
    {
        var total = 0L;
        foreach (var message in history)
            total += _counter.Count(message);
        return total;
    }
}

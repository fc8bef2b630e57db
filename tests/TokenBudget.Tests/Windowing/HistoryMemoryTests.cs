using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;
using TokenBudget.Counting;
using TokenBudget.Windowing;

namespace TokenBudget.Tests.Windowing;

/// <summary>What a window remembers of a history never shows but in its speed.</summary>
public sealed class HistoryMemoryTests
{
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";

    [Fact]
    public void Whatever_a_caller_changes_the_counts_are_those_of_a_counter_that_remembers_nothing()
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(Nightly ? 100_000 : 2_000);
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue - 1)), static seed =>
        {
            var random = new Random(seed);
            var memory = new HistoryMemory(NewCounter());
            var history = Histories.Random(random, random.Next(1, 6), isBroken: seed % 2 == 0);
            for (var step = 0; step < 12; step++)
            {
                var part = random.Next(4) == 0 ? history.GetRange(0, random.Next(history.Count + 1)) : history;
                var expected = NewCounter();
                var sum = 0L;
                var known = memory.TokensBefore(part.ToArray());
                known[0].ShouldBe(0);
                for (var index = 0; index < part.Count; index++)
                    known[index + 1].ShouldBe(sum += expected.CountAnew(part[index]), $"step {step}, message {index}");
                Change(random, history);
            }
        }).Check(Nightly ? config : config.WithReplay(20_260_102, 1));
    }

    [Fact]
    public void A_history_that_has_not_changed_is_not_counted_and_costs_less_than_a_kilobyte()
    {
        var counted = 0;
        var counter = new MessageCounter(TokenCounter.Create(text =>
        {
            counted++;
            return text.Length;
        }));
        var history = Histories.Random(new Random(1), 40);
        var window = new ContextWindow(new ContextWindowOptions { MaxTokens = 1_000_000 }, counter);
        window.Reduce(history);
        counted = 0;

        for (var repeat = 0; repeat < 100; repeat++)
            window.Reduce(history);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var repeat = 0; repeat < 100; repeat++)
            window.Reduce(history);

        ((GC.GetAllocatedBytesForCurrentThread() - before) / 100).ShouldBeLessThan(1024);
        counted.ShouldBe(0);
        history.Add(Histories.User("one more"));
        window.Reduce(history);
        counted.ShouldBe(1);
    }

    [Fact]
    public void What_was_handed_out_stays_as_it_was()
    {
        var memory = new HistoryMemory(NewCounter());
        var history = Histories.Random(new Random(2), 5);
        var before = memory.TokensBefore(history.ToArray());
        var copy = before[..(history.Count + 1)];

        history[1] = Histories.User(Histories.Words(500));
        memory.TokensBefore(history.ToArray());
        memory.TokensBefore(history.ToArray().AsSpan(0, 1));

        before[..copy.Length].ShouldBe(copy);
    }

    [Fact]
    public void Conversations_with_one_system_message_are_remembered_apart()
    {
        var memory = new HistoryMemory(NewCounter());
        var system = Histories.SystemText("shared");
        ChatMessage[] one = [system, Histories.User("a"), .. Enumerable.Range(0, 6).Select(static _ => Histories.Answer("b"))];
        ChatMessage[] other = [system, Histories.User("a longer one"), .. one[2..]];

        var first = memory.TokensBefore(one);
        memory.TokensBefore(other)[8].ShouldBe(first[8] + 2);

        memory.TokensBefore(one).ShouldBeSameAs(first);
    }

    [Fact]
    public void What_is_remembered_keeps_no_message_alive()
    {
        var memory = new HistoryMemory(NewCounter());
        var message = Remember(memory);

        for (var attempt = 0; attempt < 10 && message.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        message.IsAlive.ShouldBeFalse();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Remember(HistoryMemory memory)
        {
            var history = Histories.Random(new Random(3), 5);
            memory.TokensBefore(history.ToArray());
            return new WeakReference(history[^1]);
        }
    }

    [Fact]
    public void Many_threads_see_the_same_counts()
    {
        var memory = new HistoryMemory(NewCounter());
        var history = Histories.Random(new Random(4), 30).ToArray();
        var counter = NewCounter();
        var total = history.Sum(message => (long)counter.Count(message));
        var half = history[..(history.Length / 2)].Sum(message => (long)counter.Count(message));

        Parallel.For(0, 400, index =>
        {
            var known = memory.TokensBefore(index % 3 == 0 ? history.AsSpan(0, history.Length / 2) : history);
            known[history.Length / 2].ShouldBe(half);
            if (index % 3 != 0)
                known[history.Length].ShouldBe(total);
        });
    }

    private static MessageCounter NewCounter() => new(TokenCounter.Create(static text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length));

    /// <summary>One of all the ways a caller can change what a history says, or lengthen it.</summary>
    private static void Change(Random random, List<ChatMessage> history)
    {
        var message = history[random.Next(history.Count)];
        var words = Histories.Words(random.Next(1, 9));
        switch (random.Next(12))
        {
            case 0:
                history.Add(Histories.User(words));
                break;
            case 1:
                history.AddRange([Histories.ToolCalls("x"), Histories.ToolResults(words, "x")]);
                break;
            case 2 when history.Count > 1:
                history.RemoveAt(random.Next(history.Count));
                break;
            case 3:
                history.Insert(random.Next(history.Count), Histories.Answer(words));
                break;
            case 4:
                message.AuthorName = words;
                break;
            case 5:
                message.Contents.Add(new TextContent(words));
                break;
            case 6:
                message.Contents = [new FunctionCallContent("y", "tool", new Dictionary<string, object?> { ["city"] = words, [words] = 1 })];
                break;
            case 7 when message.Contents.Count > 0:
                message.Contents.RemoveAt(0);
                break;
            case 8 when message.Contents.Count > 0:
                message.Contents[0] = new TextReasoningContent(words);
                break;
            default:
                foreach (var content in message.Contents)
                {
                    if (content is TextContent text)
                        text.Text = words;
                    else if (content is FunctionResultContent result)
                        result.Result = random.Next(3) switch { 0 => words, 1 => (AIContent)new TextContent(words), _ => null };
                    else if (content is FunctionCallContent { Arguments: { } arguments })
                        arguments[arguments.Count > 0 && random.Next(2) == 0 ? arguments.Keys.First() : words] = words;
                    else if (content is FunctionCallContent call)
                        call.Arguments = new Dictionary<string, object?> { [words] = words };
                }

                break;
        }
    }
}

using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;

namespace TokenBudget.Tests.Calls;

/// <summary>Updates pass beside the iterator that opened their source; nobody who reads may notice.</summary>
public sealed class FlowingStreamTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Updates_pass_to_the_end_of_their_source_and_the_iterator_goes_on_there(bool isSlow)
    {
        var log = new List<string>();
        var stream = Stream(log, isSlow);
        (await TextsOf(stream)).ShouldBe(["first", "0", "1", "2", "last"]);
        log.ShouldBe(["pass 1", "pass 2", "source is disposed", "end"]);
        (await TextsOf(stream)).Count.ShouldBe(5, "every reader starts it anew");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reader_who_stops_disposes_the_source(bool isSlow)
    {
        var log = new List<string>();
        await foreach (var update in Stream(log, isSlow))
            if (update.Text == "1")
                break;
        log.ShouldBe(["pass 1", "source is disposed", "cleaned"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exception_of_the_source_reaches_the_reader_and_ends_the_stream(bool isSlow)
    {
        var log = new List<string>();
        var reader = Stream(log, isSlow, failAt: 2).GetAsyncEnumerator();
        await using (reader)
        {
            for (var i = 0; i < 3; i++)
                (await reader.MoveNextAsync()).ShouldBeTrue();
            (await Should.ThrowAsync<InvalidOperationException>(async () => await reader.MoveNextAsync())).Message.ShouldBe("broken");
            (await reader.MoveNextAsync()).ShouldBeFalse();
        }

        log.ShouldBe(["pass 1", "source is disposed", "cleaned"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Either_token_cancels_it(bool byReader)
    {
        using var call = new CancellationTokenSource();
        using var reader = new CancellationTokenSource();
        var reading = new FlowingStream(static (_, token) => Endless(token), call.Token).GetAsyncEnumerator(reader.Token);
        await using (reading)
        {
            (await reading.MoveNextAsync()).ShouldBeTrue();
            await (byReader ? reader : call).CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(async () => await reading.MoveNextAsync());
        }

        static async IAsyncEnumerable<ChatResponseUpdate> Endless([EnumeratorCancellation] CancellationToken token)
        {
            while (true)
            {
                yield return Update("a");
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
        }
    }

    private static FlowingStream Stream(List<string> log, bool isSlow, int failAt = -1) => new((lane, token) => Steps(lane, log, isSlow, failAt, token), CancellationToken.None);

    private static async IAsyncEnumerable<ChatResponseUpdate> Steps(
        StreamLane lane, List<string> log, bool isSlow, int failAt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var hasEnded = false;
        try
        {
            yield return Update("first");
            var source = Source(log, isSlow, failAt, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (source)
            {
                if (await source.MoveNextAsync())
                {
                    lane.Flow(source, update => log.Add("pass " + update.Text));
                    yield return source.Current;
                }
            }

            yield return Update("last");
            hasEnded = true;
        }
        finally
        {
            log.Add(hasEnded ? "end" : "cleaned");
        }
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Source(List<string> log, bool isSlow, int failAt, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            for (var number = 0; number < 3; number++)
            {
                if (isSlow)
                    await Task.Yield();
                if (number == failAt)
                    throw new InvalidOperationException("broken");
                cancellationToken.ThrowIfCancellationRequested();
                yield return Update($"{number}");
            }
        }
        finally
        {
            log.Add("source is disposed");
        }
    }

    private static ChatResponseUpdate Update(string text) => new(ChatRole.Assistant, text);

    private static async Task<List<string>> TextsOf(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        var texts = new List<string>();
        await foreach (var update in updates)
            texts.Add(update.Text);
        return texts;
    }
}

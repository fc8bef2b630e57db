using System.Net.Sockets;
using Npgsql;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>To end a question may block for as long as the server does not answer: no thread of the pool, and no caller, is to do that.</summary>
public sealed class TimedAnswerTests
{
    private readonly TaskCompletionSource<bool> _endedInPool = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task What_is_not_answered_in_time_is_ended_outside_the_pool()
    {
        var told = await Should.ThrowAsync<NpgsqlException>(() => TimedAnswer.WithinAsync(TimeSpan.FromMilliseconds(10), NeverAsync));

        told.Message.ShouldContain("within 0.01 s");
        told.InnerException.ShouldBeOfType<TimeoutException>();
        TimedAnswer.IsBrokenConnection(told).ShouldBeFalse("nothing is gained by asking it again");

        (await _endedInPool.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System)).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_cancels_does_not_end_it_himself()
    {
        using var caller = new CancellationTokenSource();
        var asked = TimedAnswer.WithinAsync(TimeSpan.FromMinutes(1), NeverAsync, caller.Token);

        // From a thread of the pool, where it would block.
        await Task.Run(caller.Cancel);

        await Should.ThrowAsync<OperationCanceledException>(() => asked);
        (await _endedInPool.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System)).ShouldBeFalse();
    }

    [Fact]
    public async Task An_answer_and_an_error_come_as_they_are()
    {
        (await TimedAnswer.WithinAsync(TimeSpan.FromMinutes(1), static _ => Task.FromResult(7))).ShouldBe(7);
        await Should.ThrowAsync<InvalidDataException>(() => TimedAnswer.WithinAsync(TimeSpan.FromMinutes(1), static _ => Task.FromException<int>(new InvalidDataException())));
    }

    /// <summary>A caller that left is told that it left, whatever else went wrong at the same instant; and what the driver lets through of the network as it is has one name.</summary>
    [Fact]
    public async Task What_comes_out_is_what_is_promised()
    {
        using var caller = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(() => TimedAnswer.WithinAsync(
            TimeSpan.FromMinutes(1),
            _ =>
            {
                caller.Cancel();
                return Task.FromException<int>(new NpgsqlException("reset"));
            },
            caller.Token));
        await Should.ThrowAsync<OperationCanceledException>(() => TimedAnswer.WithinAsync(TimeSpan.FromMinutes(1), static _ => Task.FromResult(7), caller.Token), "not asked at all");
        foreach (var raw in (Exception[])[new SocketException((int)SocketError.HostNotFound), new IOException("gone")])
            (await Should.ThrowAsync<NpgsqlException>(() => TimedAnswer.WithinAsync(TimeSpan.FromMinutes(1), _ => Task.FromException<int>(raw)))).InnerException.ShouldBe(raw);
    }

    private Task<int> NeverAsync(CancellationToken stop)
    {
        var never = new TaskCompletionSource<int>();
        stop.Register(() => _endedInPool.TrySetResult(Thread.CurrentThread.IsThreadPoolThread));
        return never.Task;
    }
}

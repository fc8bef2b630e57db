using TokenBudget.Costs;

namespace TokenBudget.Tests.Costs;

/// <summary>When callers of a ledger on another machine get a decision, to the millisecond.</summary>
public sealed class LedgerWatchTests
{
    private static readonly TimeSpan Quarter = TimeSpan.FromMilliseconds(250);

    private readonly VirtualTimeProvider _time = new();
    private readonly LedgerWatch _watch;

    public LedgerWatchTests() => _watch = new LedgerWatch(_time);

    [Fact]
    public async Task A_ledger_that_says_nothing_is_away_after_a_quarter_of_a_second()
    {
        await AnswerAsync();
        (await DecidedAfterAsync()).ShouldBe(Quarter);
    }

    [Fact]
    public async Task A_process_that_has_just_started_waits_two_seconds_the_first_time_alone()
    {
        (await DecidedAfterAsync()).ShouldBe(TimeSpan.FromSeconds(2));
        _time.Advance(Quarter);
        (await DecidedAfterAsync()).ShouldBe(Quarter);
    }

    /// <summary>The first reservation of a process was answered; its first line goes another way, and connects and compiles once more.</summary>
    [Fact]
    public async Task So_it_does_for_the_first_question_of_another_kind()
    {
        await AnswerAsync();
        _time.Advance(Quarter);
        (await DecidedAfterAsync(LedgerQuestion.Write)).ShouldBe(TimeSpan.FromSeconds(2));
        _time.Advance(Quarter);
        (await DecidedAfterAsync(LedgerQuestion.Write)).ShouldBe(Quarter);
    }

    /// <summary>The answer to another, ten milliseconds after this one asked, buys these ten and not another quarter of a second.</summary>
    [Fact]
    public async Task An_answer_to_another_counts_from_when_it_came()
    {
        await AnswerAsync();
        var other = new TaskCompletionSource<int>();
        var waiting = _watch.RunAsync(LedgerQuestion.Reserve, _ => other.Task, default).AsTask();
        var silent = SilentAsync();
        var began = _time.GetUtcNow();
        Advance(10);
        other.SetResult(1);
        await waiting;
        while (!silent.IsCompleted)
            await StepAsync();
        (_time.GetUtcNow() - began).ShouldBe(TimeSpan.FromMilliseconds(260));
        await Should.ThrowAsync<LedgerUnavailableException>(() => silent);
    }

    [Fact]
    public async Task A_ledger_that_is_only_busy_is_waited_for()
    {
        await AnswerAsync();
        var late = new TaskCompletionSource<int>();
        var waiting = _watch.RunAsync(LedgerQuestion.Reserve, _ => late.Task, default).AsTask();
        for (var i = 0; i < 20; i++)
        {
            Advance(100);
            await AnswerAsync();
        }

        waiting.IsCompleted.ShouldBeFalse();
        late.SetResult(7);
        (await waiting).ShouldBe(7);
    }

    /// <summary>However many ask, an away ledger is tried four times a second, and nobody else waits.</summary>
    [Fact]
    public async Task While_it_is_away_one_tries_and_the_others_are_told_at_once()
    {
        await AnswerAsync();
        await DecidedAfterAsync();
        var tries = 0;
        for (var i = 0; i < 1_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            await Should.ThrowAsync<LedgerUnavailableException>(async () => await _watch.RunAsync<int>(LedgerQuestion.Reserve, _ =>
            {
                tries++;
                throw new IOException("away");
            }, default));
        }

        tries.ShouldBe(40);
        _time.Advance(Quarter);
        await AnswerAsync();
        await AnswerAsync();
    }

    private async Task AnswerAsync() => (await _watch.RunAsync(LedgerQuestion.Reserve, static _ => Task.FromResult(1), default)).ShouldBe(1);

    private Task<int> SilentAsync(LedgerQuestion question = LedgerQuestion.Reserve) => _watch.RunAsync(question, static _ => new TaskCompletionSource<int>().Task, default).AsTask();

    private async Task<TimeSpan> DecidedAfterAsync(LedgerQuestion question = LedgerQuestion.Reserve)
    {
        var began = _time.GetUtcNow();
        var silent = SilentAsync(question);
        while (!silent.IsCompleted)
            await StepAsync();
        await Should.ThrowAsync<LedgerUnavailableException>(() => silent);
        return _time.GetUtcNow() - began;
    }

    private async Task StepAsync()
    {
        if (_time.NextTimer is { } next)
            _time.Advance(next);
        // What a timer set off continues on another thread.
        await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
    }

    private void Advance(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
}

using Shouldly;
using TokenBudget.Counting;
using Xunit;

namespace TokenBudget.Conformance;

/// <summary>What every calibration store promises. A store's test project derives from it.</summary>
public abstract class CalibrationStoreConformance : IAsyncLifetime
{
    private static readonly CalibrationState Learned = new("gpt-4o", "support", 1.25, 1_632.5, 20);

    private ICalibrationStore _store = null!;

    /// <summary>A store that nobody has written to.</summary>
    protected abstract Task<ICalibrationStore> CreateAsync();

    /// <summary>Another store on the same data, after the first was closed; <see langword="null"/> when the kind keeps nothing.</summary>
    protected abstract Task<ICalibrationStore?> ReopenAsync(ICalibrationStore store);

    public async Task InitializeAsync() => _store = await CreateAsync();

    public virtual async Task DisposeAsync()
    {
        if (_store is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    [ConformanceFact]
    public async Task Nothing_is_known_of_what_was_never_saved()
    {
        (await _store.LoadAsync("gpt-4o", "support")).ShouldBeNull();
        (await _store.LoadAsync("", "")).ShouldBeNull();
    }

    [ConformanceFact]
    public async Task A_state_comes_back_as_it_was_saved()
    {
        CalibrationState[] states =
        [
            Learned,
            new("", "", 0.7, -32_768, 0),
            new("o'model \"x\"\0", "\\u0000🙂", 2.5, 65_536, int.MaxValue),
            new("\ud800", "\udc00", 1 / 3.0, -1e-300, 1),
            new(new string('é', 500), new string('中', 500), double.BitIncrement(1.2), double.MaxValue, 3),
        ];
        foreach (var state in states)
            await _store.SaveAsync(state);
        foreach (var state in states)
            (await _store.LoadAsync(state.Model, state.Scope)).ShouldBe(state);
    }

    [ConformanceFact]
    public async Task The_last_one_counts()
    {
        await _store.SaveAsync(Learned);
        await _store.SaveAsync(Learned with { Ratio = 1.5, Constant = -7, Samples = 3 });
        (await _store.LoadAsync("gpt-4o", "support")).ShouldBe(new CalibrationState("gpt-4o", "support", 1.5, -7, 3));
    }

    [ConformanceFact]
    public async Task Models_and_agents_are_kept_apart()
    {
        CalibrationState[] states =
        [
            Learned, Learned with { Model = "gpt-4o-mini", Ratio = 1.1 }, Learned with { Scope = "Support", Ratio = 1.2 }, Learned with { Scope = "", Ratio = 1.3 },
            Learned with { Model = "gpt-4", Scope = "osupport", Ratio = 1.4 },
        ];
        foreach (var state in states)
            await _store.SaveAsync(state);
        foreach (var state in states)
            (await _store.LoadAsync(state.Model, state.Scope)).ShouldBe(state);
    }

    [ConformanceFact]
    public async Task A_state_outlives_the_store()
    {
        await _store.SaveAsync(Learned);
        if (await ReopenAsync(_store) is not { } reopened)
            return;
        _store = reopened;
        (await _store.LoadAsync("gpt-4o", "support")).ShouldBe(Learned);
        await _store.SaveAsync(Learned with { Samples = 21 });
        (await _store.LoadAsync("gpt-4o", "support")).ShouldBe(Learned with { Samples = 21 });
    }

    [ConformanceFact]
    public async Task Of_callers_at_the_same_time_one_state_stays_and_whole()
    {
        await Task.WhenAll(Enumerable.Range(1, 40).Select(caller => Task.Run(async () =>
        {
            await _store.SaveAsync(Learned with { Ratio = 1 + (caller / 100.0), Constant = caller, Samples = caller });
            var seen = (await _store.LoadAsync("gpt-4o", "support")).ShouldNotBeNull();
            (seen.Ratio, seen.Constant).ShouldBe((1 + (seen.Samples / 100.0), seen.Samples));
            await _store.SaveAsync(Learned with { Scope = $"own {caller}", Samples = caller });
            (await _store.LoadAsync("gpt-4o", $"own {caller}")).ShouldNotBeNull().Samples.ShouldBe(caller);
        })));
    }

    [ConformanceFact]
    public async Task Null_is_refused()
    {
        await Should.ThrowAsync<ArgumentNullException>(async () => await _store.LoadAsync(null!, ""));
        await Should.ThrowAsync<ArgumentNullException>(async () => await _store.LoadAsync("", null!));
        await Should.ThrowAsync<ArgumentNullException>(async () => await _store.SaveAsync(null!));
    }

    [ConformanceFact]
    public async Task Cancelled_before_the_start_nothing_is_saved()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await _store.SaveAsync(Learned, cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(async () => await _store.LoadAsync("gpt-4o", "support", cancelled.Token));
        (await _store.LoadAsync("gpt-4o", "support")).ShouldBeNull();
    }
}

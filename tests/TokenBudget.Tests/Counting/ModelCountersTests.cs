using Microsoft.Extensions.DependencyInjection;
using TokenBudget.Counting;

namespace TokenBudget.Tests.Counting;

/// <summary>What is learned belongs to a model and an agent, and outlives the process where it is kept.</summary>
public sealed class ModelCountersTests
{
    private const string Model = "claude-sonnet-4-5";

    private static async Task TeachAsync(ModelCounters counters, string agent)
    {
        for (var call = 1; call <= 5; call++)
            await counters.ObserveAsync(Model, agent, call * 1_000, (call * 1_300) + 5_000);
    }

    [Fact]
    public async Task Agents_of_one_model_learn_apart()
    {
        var counters = new ModelCounters();
        await TeachAsync(counters, "a");
        counters.For(Model, "a").Calibration.Constant.ShouldNotBe(0);
        counters.For(Model, "b").Calibration.Constant.ShouldBe(0);
        counters.For(Model, "a").Messages.ShouldBeSameAs(counters.For(Model, "b").Messages);
        counters.For(Model.ToUpperInvariant(), "a").ShouldBeSameAs(counters.For(Model, "a"));
    }

    [Fact]
    public async Task What_was_learned_is_kept()
    {
        var store = new InMemoryCalibrationStore();
        var first = new ModelCounters(store);
        await TeachAsync(first, "a");
        var learned = first.For(Model, "a").Calibration;

        var second = new ModelCounters(store);
        second.For(Model, "a").Calibration.Constant.ShouldBe(0, "nobody has waited for the store");
        var restored = (await second.ForAsync(Model, "a")).Calibration;
        restored.ShouldBeSameAs(second.For(Model, "a").Calibration);
        (restored.Ratio, restored.Constant).ShouldBe((learned.Ratio, learned.Constant));
        (await store.LoadAsync(Model, "a")).ShouldNotBeNull().Samples.ShouldBeInRange(3, 5);
        (await second.ForAsync(Model, "b")).Calibration.Constant.ShouldBe(0);
    }

    [Fact]
    public async Task A_registered_store_is_used()
    {
        var store = new InMemoryCalibrationStore();
        await store.SaveAsync(new CalibrationState(Model, "a", 1.3, 700, 12));
        await using var provider = new ServiceCollection().AddSingleton<ICalibrationStore>(store).AddTokenBudget().BuildServiceProvider();
        var counter = await provider.GetRequiredService<TokenBudgetRuntime>().Counters.ForAsync(Model, "a");
        counter.Calibration.ToProviderRequest(1_000).ShouldBe(2_000);
        counter.Calibration.Samples.ShouldBe(12);
    }

    [Theory]
    [InlineData(double.NaN, 0)]
    [InlineData(1_000, double.PositiveInfinity)]
    public async Task A_damaged_state_is_not_believed(double ratio, double constant)
    {
        var store = new InMemoryCalibrationStore();
        await store.SaveAsync(new CalibrationState(Model, "a", ratio, constant, 7));
        (await new ModelCounters(store).ForAsync(Model, "a")).Calibration.Ratio.ShouldBe(1.2);
    }

    [Fact]
    public async Task A_store_that_fails_costs_nothing_but_accuracy()
    {
        var counters = new ModelCounters(new BrokenStore());
        (await counters.ForAsync(Model, "a")).Calibration.Ratio.ShouldBe(1.2);
        await TeachAsync(counters, "a");
        counters.For(Model, "a").Calibration.Constant.ShouldNotBe(0);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Should.ThrowAsync<Exception>(async () => await counters.ForAsync(Model, "b", cancelled.Token));
    }

    private sealed class BrokenStore : ICalibrationStore
    {
        public ValueTask<CalibrationState?> LoadAsync(string model, string scope, CancellationToken cancellationToken = default) => throw new IOException();

        public ValueTask SaveAsync(CalibrationState state, CancellationToken cancellationToken = default) => throw new IOException();
    }
}

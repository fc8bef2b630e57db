using TokenBudget.Counting;

namespace TokenBudget.Tests.Counting;

/// <summary>What is learned from reported usage, and what is not believed.</summary>
public sealed class TokenCalibrationTests
{
    private static TokenCalibration Learned(double initial, params (long Counted, long Reported)[] observations)
    {
        var calibration = new TokenCalibration(initial);
        foreach (var (counted, reported) in observations)
            calibration.Observe(counted, reported);
        return calibration;
    }

    [Fact]
    public void Two_reports_are_not_enough_and_three_are()
    {
        Learned(1, (1_000, 1_300), (1_000, 1_300)).Ratio.ShouldBe(1);
        Learned(1, (1_000, 1_300), (1_000, 1_300), (1_000, 1_300)).Ratio.ShouldBe(1.3);
    }

    [Fact]
    public void Small_requests_and_missing_reports_teach_nothing() =>
        Learned(1, (199, 400), (199, 400), (199, 400), (1_000, 0), (1_000, 0), (1_000, -5)).Ratio.ShouldBe(1);

    [Fact]
    public void One_lying_report_does_not_move_it() =>
        Learned(1.2, (1_000, 1_200), (1_000, 1_200), (1_000, 1_000_000), (1_000, 1_200), (1_000, 1)).Ratio.ShouldBe(1.2);

    [Fact]
    public void It_stays_within_its_bounds_whatever_is_reported()
    {
        Learned(1, (1_000, 1_000_000), (1_000, 1_000_000), (1_000, long.MaxValue)).Ratio.ShouldBe(2.5);
        Learned(1, (1_000, 1), (1_000, 1), (1_000, 1)).Ratio.ShouldBe(0.7);
        Should.Throw<ArgumentOutOfRangeException>(() => new TokenCalibration(0.5));
        Should.Throw<ArgumentOutOfRangeException>(() => new TokenCalibration(3));
    }

    [Fact]
    public void Small_moves_leave_the_ratio_and_with_it_the_cuts() =>
        Learned(1, (1_000, 1_029), (1_000, 1_029), (1_000, 1_029), (1_000, 1_029)).Ratio.ShouldBe(1);

    [Fact]
    public void Old_reports_are_forgotten()
    {
        var calibration = Learned(1, [.. Enumerable.Repeat((1_000L, 2_000L), 31)]);
        calibration.Ratio.ShouldBe(2);
        for (var report = 0; report < 16; report++)
            calibration.Observe(1_000, 1_000);
        calibration.Ratio.ShouldBe(1);
    }

    [Fact]
    public void Conversions_round_to_the_safe_side()
    {
        var calibration = new TokenCalibration(1.2);
        calibration.ToProvider(101).ShouldBe(122);
        calibration.ToCounted(100).ShouldBe(83);
    }
}

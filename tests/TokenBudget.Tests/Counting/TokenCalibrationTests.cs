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
        Learned(1, (1_000, 1_300), (1_000, 1_300)).ToProviderRequest(1_000).ShouldBe(1_000);
        Learned(1, (1_000, 1_300), (1_000, 1_300), (1_000, 1_300)).ToProviderRequest(1_000).ShouldBe(1_300);
    }

    [Fact]
    public void What_every_request_has_besides_is_a_constant_and_not_a_ratio()
    {
        var calibration = Learned(1, (100, 4_100), (200, 4_200), (400, 4_400), (700, 4_700));
        calibration.Ratio.ShouldBe(1);
        calibration.Constant.ShouldBe(4_000);
        calibration.ToProviderRequest(50_000).ShouldBe(54_000);
        calibration.ToCountedRequest(54_000).ShouldBe(50_000);
        calibration.ToProvider(1_000).ShouldBe(1_000, "a text alone has nothing besides");
    }

    [Fact]
    public void Growth_tells_the_ratio_from_the_constant()
    {
        var calibration = Learned(1.2, [.. Enumerable.Range(1, 20).Select(static call => (call * 1_000L, (call * 1_400L) + 6_000))]);
        calibration.Ratio.ShouldBe(1.4, 0.001);
        calibration.Constant.ShouldBe(6_000, 1);
    }

    [Fact]
    public void Small_requests_and_missing_reports_teach_nothing()
    {
        var calibration = Learned(1, (100, 199), (100, 199), (100, 199), (1_000, 0), (1_000, -5), (0, 1_000), (-1, 1_000));
        calibration.ToProviderRequest(1_000).ShouldBe(1_000);
        calibration.Samples.ShouldBe(0);
    }

    [Fact]
    public void A_lying_report_does_not_move_it()
    {
        var calibration = new TokenCalibration(1.2);
        for (var call = 1; call <= 60; call++)
            calibration.Observe(call * 1_000, (call % 3) switch { 1 when call % 2 == 0 => 1_000_000, 1 => 201, _ => call * 1_200 });
        calibration.Ratio.ShouldBe(1.2, 0.001);
        calibration.Constant.ShouldBe(0, 1);
    }

    [Fact]
    public void It_stays_within_its_bounds_whatever_is_reported()
    {
        var high = Learned(1, [.. Enumerable.Range(1, 31).Select(static call => (call * 1_000L, call * 1_000_000L))]);
        high.Ratio.ShouldBe(2.5);
        high.Constant.ShouldBe(65_536);
        high.ToCountedRequest(50_000).ShouldBe(5_000, "a quarter of the limit is left");
        var low = Learned(1, [.. Enumerable.Range(1, 31).Select(static call => (call * 100_000L, 200L))]);
        low.Ratio.ShouldBe(0.7);
        low.Constant.ShouldBe(-32_768);
        low.ToProviderRequest(1_000).ShouldBe(700);
        low.ToCountedRequest(700).ShouldBe(1_000);
        Learned(1, (long.MaxValue, long.MaxValue), (1, long.MaxValue), (long.MaxValue, 200)).Ratio.ShouldBeInRange(0.7, 2.5);
        Should.Throw<ArgumentOutOfRangeException>(() => new TokenCalibration(0.5));
        Should.Throw<ArgumentOutOfRangeException>(() => new TokenCalibration(3));
    }

    [Fact]
    public void Small_moves_leave_the_estimate_and_with_it_the_cuts()
    {
        var calibration = Learned(1, (1_000, 1_029), (1_000, 1_029), (1_000, 1_029), (1_000, 1_029));
        calibration.Ratio.ShouldBe(1);
        calibration.Constant.ShouldBe(0);
        calibration.Observe(1_000, 1_029).ShouldBeFalse();
        Learned(1, (1_000, 1_031), (1_000, 1_031)).Observe(1_000, 1_031).ShouldBeTrue();
    }

    [Fact]
    public void Other_tools_are_known_after_two_requests()
    {
        var calibration = Learned(1, [.. Enumerable.Range(1, 31).Select(static call => (call * 100L, (call * 100L) + 2_000))]);
        calibration.Observe(3_200, 8_200);
        calibration.ToProviderRequest(3_300).ShouldBe(5_300);
        calibration.Observe(3_300, 8_300);
        calibration.ToProviderRequest(3_400).ShouldBe(8_400);
    }

    [Fact]
    public void Conversions_round_to_the_safe_side()
    {
        var calibration = new TokenCalibration(1.2);
        calibration.ToProvider(101).ShouldBe(122);
        calibration.ToCounted(100).ShouldBe(83);
        calibration.ToProviderRequest(101).ShouldBe(122);
        calibration.ToCountedRequest(100).ShouldBe(83);
    }
}

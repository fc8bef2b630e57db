using System.Globalization;
using TokenBudget.Counting;

namespace TokenBudget.Benchmarks.Counting;

/// <summary>Estimates every recorded request before its report is seen, and says how far off the estimates were.</summary>
internal sealed class CalibrationRun
{
    /// <summary>Requests of an agent before its estimates count as learned.</summary>
    public const int Warmup = 20;

    private readonly List<double> _all = [];
    private readonly List<double> _learned = [];

    private CalibrationRun()
    {
    }

    /// <summary>How often the estimates of any agent's new conversations moved.</summary>
    public int Moves { get; private set; }

    /// <summary>How often the estimates of a conversation moved that had begun, and with them the cuts of its window.</summary>
    public int MovesWithin { get; private set; }

    /// <summary>Requests after the first 20 of their agent.</summary>
    public int Learned => _learned.Count;

    public double Median => Quantile(_learned, 0.5);

    public double Percentile95 => Quantile(_learned, 0.95);

    /// <summary>The share of learned requests that were estimated within 10 %.</summary>
    public double Within10Percent => _learned.Count == 0 ? 1 : _learned.Count(static error => error <= 0.1) / (double)_learned.Count;

    public static CalibrationRun Of(IEnumerable<RecordedCall> calls, string model)
    {
        var counters = new ModelCounters();
        var run = new CalibrationRun();
        var made = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var call in calls)
        {
            var calibration = counters.For(model, call.Agent).Calibration.For(call.Messages);
            var error = Math.Abs(calibration.ToProviderRequest(call.Counted) - call.Reported) / (double)call.Reported;
            run._all.Add(error);
            var before = made.GetValueOrDefault(call.Agent);
            if (before >= Warmup)
                run._learned.Add(error);
            made[call.Agent] = before + 1;
            var line = (calibration.Ratio, calibration.Constant);
            if (calibration.Observe(call.Counted, call.Reported))
                run.Moves++;
            if ((calibration.Ratio, calibration.Constant) != line)
                run.MovesWithin++;
        }

        return run;
    }

    public string Describe(string name) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name}\n  all {Describe(_all)}\n  after {Warmup} calls of an agent {Describe(_learned)}\n  estimates moved {Moves} times, within conversations {MovesWithin} times");

    private static string Describe(List<double> errors) => errors.Count == 0 ? "none" : string.Create(
        CultureInfo.InvariantCulture,
        $"{errors.Count,4} calls: median {Quantile(errors, 0.5):P2}, p75 {Quantile(errors, 0.75):P2}, p90 {Quantile(errors, 0.9):P2}, p95 {Quantile(errors, 0.95):P2}, most {errors.Max():P1}; within 10 %: {errors.Count(static error => error <= 0.1) / (double)errors.Count:P1}");

    private static double Quantile(List<double> errors, double share)
    {
        if (errors.Count == 0)
            return 0;
        var sorted = errors.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }
}

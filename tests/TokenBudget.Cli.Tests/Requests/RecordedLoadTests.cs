using TokenBudget.Cli.Requests;

namespace TokenBudget.Cli.Tests.Requests;

/// <summary>The recorded loads against limits of 0.8, 1.0 and 1.5 times their mean.</summary>
public sealed class RecordedLoadTests
{
    private static readonly string[] Traces = ["azure2023-code", "azure2023-conv", "mooncake-conversation", "mooncake-synthetic", "servegen-mmid"];
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";
    private static readonly ServiceTime Service = new(TimeSpan.FromSeconds(0.5), 50);

    /// <summary>All of them nightly, and otherwise each trace at one limit.</summary>
    public static TheoryData<string, double> Loads
    {
        get
        {
            double[] multiples = [0.8, 1.0, 1.5];
            var loads = new TheoryData<string, double>();
            for (var trace = 0; trace < Traces.Length; trace++)
                foreach (var multiple in Nightly ? multiples : [multiples[trace % 3]])
                    loads.Add(Traces[trace], multiple);
            return loads;
        }
    }

    [SharedDataTheory]
    [MemberData(nameof(Loads))]
    public void No_minute_is_over_the_limit_and_little_of_it_is_left_unused(string name, double multiple)
    {
        var (result, limit, log) = Replay(name, multiple, RequestEstimate.Exact);

        result.WorstMinute.ShouldBeLessThanOrEqualTo(limit);
        result.Refused.ShouldBe(0);
        result.Utilisation.ShouldBeGreaterThanOrEqualTo(0.97);
        WorstOf(log).ShouldBe(result.WorstMinuteTokens);
    }

    [SharedDataTheory]
    [MemberData(nameof(Loads))]
    public void Neither_when_four_times_as_much_is_reserved(string name, double multiple)
    {
        var (result, limit, log) = Replay(name, multiple, RequestEstimate.High4x);

        result.WorstMinute.ShouldBeLessThanOrEqualTo(limit);
        result.Refused.ShouldBe(0);
        result.Utilisation.ShouldBeGreaterThanOrEqualTo(0.90);
        WorstOf(log).ShouldBe(result.WorstMinuteTokens);
    }

    [SharedDataTheory]
    [MemberData(nameof(Loads))]
    public void No_minute_is_over_the_limit_when_all_answers_have_the_same_maximum(string name, double multiple)
    {
        var (result, limit, log) = Replay(name, multiple, RequestEstimate.Max4K);

        result.WorstMinute.ShouldBeLessThanOrEqualTo(limit);
        result.Refused.ShouldBe(0);
        result.Utilisation.ShouldBeGreaterThanOrEqualTo(0.85);
        WorstOf(log).ShouldBe(result.WorstMinuteTokens);
    }

    private static (RequestReplayResult Result, long Limit, IReadOnlyList<AdmissionLogLine> Log) Replay(string name, double multiple, RequestEstimate estimate)
    {
        var trace = new RequestTrace(SharedData.File($"traces/{name}.dev.csv.gz"));
        var limit = (long)(multiple * trace.MeanTokensPerMinute());
        using var written = new MemoryStream();
        RequestReplayResult result;
        using (var log = new AdmissionLog(written))
        using (var replay = new RequestReplay(new RequestReplaySetting(limit, null, AdmissionMode.Strict, estimate, Service), log))
            result = replay.Run(trace.Read(), CancellationToken.None);
        return (result, limit, AdmissionLogLine.ReadAll(written.ToArray()));
    }

    /// <summary>The worst minute, from nothing but the log: the sum of each window that ends with an admission.</summary>
    private static long WorstOf(IReadOnlyList<AdmissionLogLine> log)
    {
        var (first, sum, worst) = (0, 0L, 0L);
        foreach (var line in log)
        {
            sum += line.Settled;
            for (; log[first].Admitted <= line.Admitted - 60; first++)
                sum -= log[first].Settled;
            worst = Math.Max(worst, sum);
        }

        return worst;
    }
}

using System.Diagnostics;

namespace TokenBudget.Benchmarks.Ratios;

/// <summary>Measures both sides of a pair in turn in one process, so that what else the machine does hits both.</summary>
internal static class RatioRunner
{
    private const int WarmUps = 3;
    private const int Rounds = 9;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(120);

    public static RatioResult Measure(RatioPair pair)
    {
        var ours = double.MaxValue;
        var theirs = double.MaxValue;
        // Until the runtime has compiled both anew with what it saw, which it does beside us.
        for (var round = 0; round < WarmUps; round++)
        {
            Time(pair.Ours);
            Time(pair.Theirs);
        }

        for (var round = 0; round < Rounds; round++)
        {
            ours = Math.Min(ours, Time(pair.Ours));
            theirs = Math.Min(theirs, Time(pair.Theirs));
        }

        return new RatioResult(pair, ours, theirs, BytesOf(pair.Ours), BytesOf(pair.Theirs));
    }

    /// <summary>Nanoseconds of one job.</summary>
    public static double Time(Action job)
    {
        var jobs = 0L;
        var started = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            for (var repeat = 0; repeat < 16; repeat++)
                job();
            jobs += 16;
            elapsed = Stopwatch.GetElapsedTime(started);
        }
        while (elapsed < Round);
        return elapsed.TotalNanoseconds / jobs;
    }

    /// <summary>Bytes one job allocates on its thread.</summary>
    public static long BytesOf(Action job)
    {
        const int Jobs = 64;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var repeat = 0; repeat < Jobs; repeat++)
            job();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Jobs;
    }
}

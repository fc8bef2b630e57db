using System.Diagnostics;
using System.Globalization;
using TokenBudget.Tokenization;

namespace TokenBudget.Benchmarks.Tokenization;

/// <summary>Milliseconds from the first touch of the tokenizer to its first count, in a process started for it.</summary>
internal static class ColdStart
{
    private const int Processes = 9;

    /// <summary>Measures in this process, which has not touched the tokenizer yet, and prints a number.</summary>
    public static void MeasureHere(string encoding)
    {
        var started = Stopwatch.GetTimestamp();
        var tokenizer = Tokenizer.ForEncoding(encoding);
        var loaded = Stopwatch.GetElapsedTime(started);
        tokenizer.CountTokens("How many tokens has the first text, counted from nothing?");
        // Taken before the first use of cultures and of formatting, which cost milliseconds of their own.
        var counted = Stopwatch.GetElapsedTime(started);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{counted.TotalMilliseconds} {loaded.TotalMilliseconds}"));
    }

    public static void Print()
    {
        foreach (var encoding in (string[])["o200k_base", "cl100k_base"])
        {
            var runs = Enumerable.Range(0, Processes).Select(_ => Child(encoding)).OrderBy(static run => run.All).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{encoding}: first count after {runs[Processes / 2].All:0.0} ms, of which loading {runs[Processes / 2].Load:0.0} ms (median of {Processes} processes; best {runs[0].All:0.0} ms)"));
        }
    }

    private static (double All, double Load) Child(string encoding)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            start.ArgumentList.Add(typeof(ColdStart).Assembly.Location);
        start.ArgumentList.Add("cold-child");
        start.ArgumentList.Add(encoding);
        using var child = Process.Start(start)!;
        var numbers = child.StandardOutput.ReadToEnd().Split(' ');
        child.WaitForExit();
        return (double.Parse(numbers[0], CultureInfo.InvariantCulture), double.Parse(numbers[1], CultureInfo.InvariantCulture));
    }
}

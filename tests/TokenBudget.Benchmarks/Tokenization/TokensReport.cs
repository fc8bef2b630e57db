using System.Diagnostics;
using System.Globalization;
using TokenBudget.TestSupport;
using TokenBudget.Tokenization;

namespace TokenBudget.Benchmarks.Tokenization;

/// <summary>Prints how fast every kind of text is counted: again and again, for the first time, and by the yardstick, taken in turn.</summary>
internal static class TokensReport
{
    private const int Rounds = 7;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(60);

    public static void Print(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        var yardstick = new RegexTokenizer();
        Console.WriteLine(SharedData.Exists ? "Texts: recorded, beside the checkout." : "Texts: made up, for the recorded data is not beside the checkout.");
        Console.WriteLine($"{encoding}; 1 MB = 1e6 bytes of UTF-8. The yardstick is o200k_base; it counts 2,000 characters of the runs, being quadratic.");
        Console.WriteLine("| text | MB | MB/s | first sight | yardstick | times | bytes a call | ns a message |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
        var texts = BenchmarkTexts.All();
        foreach (var text in texts)
        {
            var isRun = text.Parts is [{ Length: 100_000 }];
            var forYardstick = isRun ? new BenchmarkText(text.Name, [text.Parts[0][..2_000]]) : text;
            var (ours, first, theirs) = (0.0, 0.0, 0.0);
            // One pass each is enough for the slow yardstick; ours also needs its code compiled on other text before "first sight" says anything.
            foreach (var other in texts)
                Count(tokenizer, other);
            for (var round = 0; round < Rounds; round++)
            {
                tokenizer.ForgetCounts();
                var started = Stopwatch.GetTimestamp();
                Count(tokenizer, text);
                first = Math.Max(first, Rate(text.Utf8Bytes, Stopwatch.GetElapsedTime(started)));
                ours = Math.Max(ours, Measure(text, () => Count(tokenizer, text)));
                if (round < 2)
                    theirs = Math.Max(theirs, Measure(forYardstick, () => Count(yardstick, forYardstick)));
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            Count(tokenizer, text);
            var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / text.Parts.Length;
            var perMessage = text.Parts.Length > 1 ? (text.Utf8Bytes * 1e3 / ours / text.Parts.Length).ToString("0", CultureInfo.InvariantCulture) : "";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {text.Name} | {text.Utf8Bytes / 1e6:0.00} | {ours:0.0} | {first:0.0} | {theirs:0.0} | {ours / theirs:0.0} | {bytes} | {perMessage} |"));
        }
    }

    private static double Measure(BenchmarkText text, Action count)
    {
        var passes = 0;
        var started = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            count();
            passes++;
            elapsed = Stopwatch.GetElapsedTime(started);
        }
        while (elapsed < Round);
        return Rate(passes * text.Utf8Bytes, elapsed);
    }

    private static double Rate(long bytes, TimeSpan elapsed) => bytes / 1e6 / elapsed.TotalSeconds;

    private static long Count(Tokenizer tokenizer, BenchmarkText text)
    {
        var count = 0L;
        foreach (var part in text.Parts)
            count += tokenizer.CountTokens(part);
        return count;
    }

    private static long Count(RegexTokenizer tokenizer, BenchmarkText text)
    {
        var count = 0L;
        foreach (var part in text.Parts)
            count += tokenizer.CountTokens(part);
        return count;
    }
}

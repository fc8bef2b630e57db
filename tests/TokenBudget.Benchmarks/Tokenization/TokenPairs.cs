using TokenBudget.Benchmarks.Ratios;
using TokenBudget.Tokenization;

namespace TokenBudget.Benchmarks.Tokenization;

/// <summary>Counting a few thousand characters of three kinds of text, against the yardstick.</summary>
internal static class TokenPairs
{
    public static IEnumerable<RatioPair> All()
    {
        var ours = Tokenizer.ForEncoding("o200k_base");
        var theirs = new RegexTokenizer();
        var english = BenchmarkTexts.English();
        yield return Of("count, English", english[..20_000], 0.12);
        yield return Of("count, JSON", BenchmarkTexts.Json()[..20_000], 0.12);
        yield return Of("count, chat message", BenchmarkTexts.Chat(english)[0], 0.15);

        RatioPair Of(string name, string text, double goal) =>
            new(name, "Regex reference", goal, () => ours.CountTokens(text), () => theirs.CountTokens(text));
    }
}

extern alias generators;
using System.Diagnostics;
using System.Globalization;
using generators::TokenBudget.Generators.Contracts;

namespace TokenBudget.Benchmarks.Analyzers;

/// <summary>How long the build counts 1,000 prompts, with the tokenizer as it is compiled into the generator. The vocabulary is loaded before; that is told apart.</summary>
internal static class PromptCountCommand
{
    private const int Prompts = 1_000;
    private const int Runs = 20;
    private const double Goal = 50;

    private static readonly string[] Sentences =
    [
        "You sort support tickets of a shop for garden tools into bugs, questions and requests.", "Answer with one word, in English, whatever the language of the ticket.",
        "A ticket that reports an error message, a crash or a wrong amount is a bug; one that asks how something works is a question.", "If the customer is angry, say so in the field `mood`, from 1 to 5.",
        "Never mention prices, delivery dates (such as 2026-11-21) or the names of other customers.", "Example: \"My hose leaks since Monday\" is a bug; \"Do you ship to Norway?\" is a question.",
    ];

    public static int Run()
    {
        var prompts = Enumerable.Range(0, Prompts).Select(static number => string.Join('\n', Enumerable.Range(0, 6).Select(line => $"{number}.{line} {Sentences[(number + line) % Sentences.Length]}"))).ToList();
        var watch = Stopwatch.StartNew();
        FixedTokens.Count("word");
        var loaded = watch.Elapsed.TotalMilliseconds;
        var (first, best, tokens) = (0.0, double.MaxValue, 0L);
        for (var run = 0; run < Runs; run++)
        {
            watch.Restart();
            tokens = prompts.Sum(static prompt => (long)FixedTokens.Count(prompt));
            var time = watch.Elapsed.TotalMilliseconds;
            (first, best) = (run == 0 ? time : first, Math.Min(best, time));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Prompts:N0} prompts of {tokens / Prompts} tokens counted: {first:0.0} ms the first time, {best:0.0} ms at best of {Runs} (goal {Goal:0}); vocabulary loaded in {loaded:0.0} ms"));
        return first <= Goal ? 0 : 1;
    }
}

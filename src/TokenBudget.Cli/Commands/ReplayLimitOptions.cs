using System.CommandLine;
using System.Globalization;
using TokenBudget.Cli.Replay;

namespace TokenBudget.Cli.Commands;

/// <summary>The options that say how much a replayed request may send, and the settings that come of them and the policies.</summary>
internal sealed class ReplayLimitOptions
{
    private const int DefaultMaxTokens = 50_000;

    public Option<int?> MaxTokens { get; } = Number("--max-context-tokens", "The most tokens of a request; 50,000 unless told.", least: 1);

    public Option<int?> TrimTo { get; } = Number("--trim-to-tokens", "What a cut of the economic policy leaves; half of the most unless told.", least: 1);

    public Option<int?> MaxMessages { get; } = Number("--max-messages", "The most messages of a request; without a limit unless told.", least: 1);

    public Option<int?> ClearToolResults { get; } = Number(
        "--clear-tool-results", "Where a policy cuts, tool results but this many of the newest give way to a placeholder, before anything is left out.", least: 0);

    public Option<string[]> Marks { get; } = new("--marks")
    {
        Description =
            "Instead of the two options before: several limits, each policy with each of them, as 32000:16000,50000:25000 (the most, and what a cut leaves; " +
            "left out, half). A policy that has no use for a limit is replayed once.",
        HelpName = "HIGH[:LOW],…",
        DefaultValueFactory = static _ => [],
    };

    /// <summary>Each policy with each pair of marks, policy by policy.</summary>
    /// <exception cref="CliException">The limits contradict each other.</exception>
    public IReadOnlyList<ReplaySetting> SettingsOf(ParseResult parsed, IEnumerable<ReplayPolicy> policies)
    {
        var most = parsed.GetValue(MaxTokens);
        var trimTo = parsed.GetValue(TrimTo);
        var written = parsed.GetRequiredValue(Marks);
        if (written.Length > 0 && (most ?? trimTo) is not null)
            throw new CliException("--marks takes the place of --max-context-tokens and --trim-to-tokens: give either.");
        if (trimTo > (most ?? DefaultMaxTokens))
            throw new CliException(FormattableString.Invariant(
                $"--trim-to-tokens is {trimTo}, more than --max-context-tokens ({most ?? DefaultMaxTokens}): a cut must leave less than the most."));
        var marks = written.Length > 0
            ? [.. written.SelectMany(static list => list.Split(',')).Select(ParseMarks)]
            : new List<(int High, int Low)> { (most ?? DefaultMaxTokens, trimTo ?? 0) };
        var messages = parsed.GetValue(MaxMessages) ?? 0;
        var kept = parsed.GetValue(ClearToolResults);
        return
        [
            .. from policy in policies.Distinct()
               from setting in marks
                   .Select(mark => new ReplaySetting(policy, mark.High, policy == ReplayPolicy.Economic ? mark.Low : 0, messages, kept))
                   .DistinctBy(static setting => setting.Name)
               select setting,
        ];
    }

    private static (int High, int Low) ParseMarks(string text)
    {
        var parts = text.Split(':');
        var low = 0;
        if (parts.Length > 2 || !TryParse(parts[0], out var high) || (parts.Length == 2 && !TryParse(parts[1], out low)))
            throw new CliException($"--marks has '{text}', which is not of the form 32000:16000 or 32000.");
        return low <= high
            ? (high, low)
            : throw new CliException(FormattableString.Invariant($"--marks has {text}: a cut must leave less than the most."));
    }

    private static bool TryParse(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;

    private static Option<int?> Number(string name, string description, int least)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var value) && value < least)
                result.AddError(FormattableString.Invariant($"{name} is {value}, but must be at least {least}."));
        });
        return option;
    }
}

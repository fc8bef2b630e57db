using System.Globalization;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>Says in one line what a call may spend: what a reader sees when the pointer rests on the method.</summary>
internal static class RemarksWriter
{
    public static string Of(CallModel call, CallFacts known)
    {
        var facts = new List<string>();
        if (known.Fixed.Total is > 0 and var tokens)
            facts.Add($"{Group(tokens.ToString(CultureInfo.InvariantCulture))} fixed tokens");
        Add(facts, call, "MaxContextTokens", "at most {0} tokens of context");
        Add(facts, call, "MaxMessages", "at most {0} messages");
        Add(facts, call, "MaxOutputTokens", "at most {0} tokens of output");
        Add(facts, call, "MaxRounds", "at most {0} model requests");
        if (call.Setting("MaxUsdPerCall") is { } perCall)
            facts.Add($"refused beyond ${Group(perCall)} a call");
        if (call.Setting("Cached") is not null)
            facts.Add(Cached(call));
        if (call.Setting("Summarized") is not null)
            facts.Add(Summarized(call));
        Add(facts, call, "TokensPerMinute", "{0} tokens a minute");
        Add(facts, call, "InputTokensPerMinute", "{0} input tokens a minute");
        Add(facts, call, "OutputTokensPerMinute", "{0} output tokens a minute");
        Add(facts, call, "RequestsPerMinute", "{0} requests a minute");
        if (call.Setting("LimitUsd") is { } limitUsd)
            facts.Add($"${Group(limitUsd)} {Period(call.Setting("Period"))}");
        if (call.Setting("CostLimits") is { } limits)
            facts.AddRange(CostLimitText.Read(limits).Select(static limit => $"${Group(limit.Usd)} {Period(limit.Period)}{Per(limit.Per)}"));
        var cost = known.WorstCaseUsd is { } usd ? WorstCase(known, usd) : null;
        if (facts.Count == 0)
            return cost is null ? "No budget is declared; the configured one applies." : $"No budget is declared; by default, {cost}.";
        if (cost is not null)
            facts.Insert(0, cost);
        return Capitalize(string.Join("; ", facts)) + ".";
    }

    private static string WorstCase(CallFacts facts, decimal usd)
    {
        var total = $"at most ${RoundUp(usd)} a call";
        if (facts is { Rounds: 1, Attempts: 1 })
            return total;
        var rounds = facts.Rounds == 1 ? "" : $"{Group(facts.Rounds.ToString(CultureInfo.InvariantCulture))} rounds";
        var attempts = facts.Attempts == 1 ? "" : $"{Group(facts.Attempts.ToString(CultureInfo.InvariantCulture))} attempts";
        return $"{total} ({rounds}{(rounds.Length > 0 && attempts.Length > 0 ? " of " : "")}{attempts} of ${RoundUp(facts.RequestUsd.GetValueOrDefault())})";
    }

    /// <summary>Up: what is said is never less than what is held.</summary>
    private static string RoundUp(decimal usd)
    {
        var unit = usd < 0.01m ? 1_000_000m : 10_000m;
        return (Math.Ceiling(usd * unit) / unit).ToString("#,0.0#####", CultureInfo.InvariantCulture);
    }

    private static string Cached(CallModel call)
    {
        var minutes = call.Setting("CacheTtl") is { } ttl ? $" {Group(ttl)} minutes" : "";
        return $"cached{minutes} {(call.Setting("CacheScope") == "Global" ? "for everybody" : "per tenant")}";
    }

    private static string Summarized(CallModel call)
    {
        var marks = new List<string>();
        Add(marks, call, "SummarizeAfterMessages", "{0} messages");
        Add(marks, call, "SummarizeAfterTokens", "{0} tokens");
        return marks.Count == 0 ? "summarized" : $"summarized after {string.Join(" or ", marks)}";
    }

    private static string Per(string scope) => scope == "Shared" ? "" : $" for each {scope.ToLowerInvariant()}";

    private static string Period(string? period) => period switch
    {
        "Total" => "in total",
        "Hour" => "an hour",
        "Month" => "a month",
        _ => "a day",
    };

    private static void Add(List<string> facts, CallModel call, string setting, string fact)
    {
        if (call.Setting(setting) is { } value)
            facts.Add(string.Format(CultureInfo.InvariantCulture, fact, Group(value)));
    }

    private static string Group(string number) =>
        decimal.Parse(number, CultureInfo.InvariantCulture).ToString("#,0.############", CultureInfo.InvariantCulture);

    private static string Capitalize(string text) => char.ToUpperInvariant(text[0]) + text.Substring(1);
}

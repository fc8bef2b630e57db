using System.CommandLine;
using TokenBudget.Cli.Requests;

namespace TokenBudget.Cli.Commands;

/// <summary>The options of <c>replay requests</c>, and the settings that come of them.</summary>
internal sealed class ReplayRequestsOptions
{
    private const double DefaultFirstToken = 0.5;
    private const double DefaultOutputSpeed = 50;

    public Argument<string[]> Traces { get; } = new("TRACE")
    {
        Description = "Recorded loads, .csv or .csv.gz, in order of arrival; the header names seconds_from_start, input_tokens and output_tokens, and other columns are passed over.",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<long?> TokensPerMinute { get; } = NumberOption.Count("--tokens-per-minute", "The limit of input and output tokens together.");

    public Option<double[]> LimitOfMean { get; } = NumberOption.Amounts(
        "--limit-of-mean",
        "Instead of --tokens-per-minute: one or several limits as multiples of the trace's own mean, as 0.8,1,1.5.",
        "X,…");

    public Option<long?> RequestsPerMinute { get; } = NumberOption.Count("--requests-per-minute", "The limit of requests; without one unless told.");

    public Option<AdmissionMode[]> Mode { get; } = ChoiceOption.Create(
        "--mode",
        "strict holds the limit in every sliding 60 s, bucket is one that refills continuously, as providers count, and lets up to twice the limit through after idling. strict unless told.",
        AdmissionMode.Strict);

    public Option<RequestEstimate[]> Estimate { get; } = ChoiceOption.Create(
        "--estimate",
        "What a request reserves: exactly what it will use, four times as much, half, or its input and 4,096 of output. exact unless told.",
        RequestEstimate.Exact);

    public Option<HoldRule[]> Hold { get; } = ChoiceOption.Create(
        "--hold",
        "What the limit holds of a reservation: learned corrects it by the answers before, as an agent's methods do, bound holds all of it. learned unless told.",
        HoldRule.Learned);

    public Option<double?> FirstToken { get; } = NumberOption.Amount(
        "--time-to-first-token",
        FormattableString.Invariant($"A request runs this long, and then for its output; its reservation is open meanwhile. {DefaultFirstToken} unless told."),
        "SECONDS",
        mayBeZero: true);

    public Option<double?> OutputSpeed { get; } = NumberOption.Amount(
        "--output-tokens-per-second",
        FormattableString.Invariant($"How fast output is written. {DefaultOutputSpeed} unless told."),
        "N");

    public Option<string?> Log { get; } = new("--log")
    {
        Description = "Write a JSON object a line and admitted request to this file: id (from 0), arrived and admitted (seconds), reserved and settled (tokens).",
        HelpName = "FILE",
    };

    public Option<string?> Plot { get; } = new("--plot")
    {
        Description = "Draw the tokens of the sliding minute against the limit, and how many wait, to this file.",
        HelpName = "FILE.svg",
    };

    public Option<bool> Json { get; } = new("--json") { Description = "One JSON object a line and replay." };

    /// <summary>Throws when the options contradict each other.</summary>
    /// <exception cref="CliException">Always with the way out.</exception>
    public void Check(ParseResult parsed)
    {
        var multiples = parsed.GetRequiredValue(LimitOfMean).Length;
        if (parsed.GetValue(TokensPerMinute) is null == (multiples == 0))
            throw new CliException("Give the limit either as --tokens-per-minute N, or as --limit-of-mean X with X times the trace's mean.");
        var replays = (long)parsed.GetRequiredValue(Traces).Length * Math.Max(1, multiples) * parsed.GetRequiredValue(Mode).Length * parsed.GetRequiredValue(Estimate).Length * parsed.GetRequiredValue(Hold).Length;
        foreach (var option in new[] { Log, Plot })
            if (parsed.GetValue(option) is not null && replays > 1)
                throw new CliException(FormattableString.Invariant(
                    $"{option.Name} is for one replay, and these are {replays}: give one trace, one limit, one mode, one estimate and one rule of holding."));
    }

    /// <summary>What a trace is replayed under.</summary>
    /// <exception cref="CliException">A limit is a multiple of the mean, and the trace cannot be read or has none.</exception>
    public IEnumerable<RequestReplaySetting> SettingsOf(ParseResult parsed, RequestTrace trace)
    {
        var multiples = parsed.GetRequiredValue(LimitOfMean);
        var mean = multiples.Length == 0 ? 0 : trace.MeanTokensPerMinute();
        var service = new ServiceTime(
            TimeSpan.FromSeconds(parsed.GetValue(FirstToken) ?? DefaultFirstToken),
            parsed.GetValue(OutputSpeed) ?? DefaultOutputSpeed);
        return
            from limit in parsed.GetValue(TokensPerMinute) is { } given ? [given] : multiples.Select(multiple => Math.Max(1, (long)(multiple * mean)))
            from mode in parsed.GetRequiredValue(Mode)
            from estimate in parsed.GetRequiredValue(Estimate)
            from hold in parsed.GetRequiredValue(Hold)
            select new RequestReplaySetting(limit, parsed.GetValue(RequestsPerMinute), mode, estimate, service, hold);
    }
}

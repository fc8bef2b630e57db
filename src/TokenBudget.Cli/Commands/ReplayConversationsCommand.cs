using System.CommandLine;
using TokenBudget.Cli.Plots;
using TokenBudget.Cli.Replay;
using TokenBudget.Counting;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget replay conversations FILE… --model ID --policy …</c>: what recorded conversations would cost.</summary>
internal static class ReplayConversationsCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var files = new Argument<string[]>("FILE") { Description = "Recorded conversations, .jsonl or .jsonl.gz.", Arity = ArgumentArity.OneOrMore };
        var model = new Option<string>("--model") { Description = "The model whose prices and prompt cache count.", HelpName = "ID", Required = true };
        var policies = ChoiceOption.Create(
            "--policy", "What is sent of the messages before: one or several with commas between, and several times if you like. Left out: all.", Enum.GetValues<ReplayPolicy>());
        var limits = new ReplayLimitOptions();
        var conversation = new Option<string?>("--conversation") { Description = "Only the conversation with this id.", HelpName = "ID" };
        var minTokens = new Option<int>("--min-tokens") { Description = "Only conversations whose messages have more tokens than this in all.", HelpName = "N" };
        var encoding = EncodingOption.Create("Count with this encoding instead of the model's own counter.");
        var characters = CharactersPerTokenOption.Create();
        var at = DateOption.Create("The day (UTC) whose prices count, as yyyy-MM-dd; today unless told.");
        var log = new Option<string?>("--log") { Description = "Write what was sent to this file: one JSON object a line and request.", HelpName = "FILE" };
        var plot = new Option<string?>("--plot")
        {
            Description =
                "Draw to this file: cost against recall of all policies and limits; with --conversation, or a single policy and limit, " +
                "prompt size and cached share over the session (of the longest conversation).",
            HelpName = "FILE.svg",
        };
        var cache = new Option<bool>("--cache") { Description = "With a response cache in front: what was asked before is not sent, and told apart as avoided. Give a file twice to ask everything twice." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line and policy." };
        var catalogue = CatalogueOption.Create();
        var command = new Command("conversations", "What recorded conversations would use and cost under a policy, the provider's prompt cache included.")
        {
            files, model, policies, limits.MaxTokens, limits.TrimTo, limits.Marks, limits.MaxMessages, limits.ClearToolResults, conversation, minTokens, encoding, characters, at, log, plot, cache, json, catalogue,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var day = parsed.GetValue(at) ?? environment.Clock.GetUtcNow();
            var info = CatalogueOption.FindPriced(CatalogueOption.Load(parsed.GetValue(catalogue)), parsed.GetRequiredValue(model), day);
            var settings = limits.SettingsOf(parsed, parsed.GetRequiredValue(policies));
            var counter = CounterOf(info.Id, parsed.GetValue(encoding), parsed.GetValue(characters));
            using var logged = parsed.GetValue(log) is { } logFile ? new ReplayLog(File.Create(logFile), namesSettings: settings.Count > 1) : null;
            var session = parsed.GetValue(plot) is not null && (settings.Count == 1 || parsed.GetValue(conversation) is not null) ? new SessionSeries() : null;
            var run = new ReplayRun(new ConversationReplay(settings, info, counter, day, parsed.GetValue(cache)), counter)
            {
                ConversationId = parsed.GetValue(conversation),
                MinTokens = parsed.GetValue(minTokens),
                Log = logged,
                Session = session,
                Error = environment.Error,
            };
            await run.ReadAsync(parsed.GetRequiredValue(files), cancellationToken);
            new ReplayReport(info.Id, counter, parsed.GetValue(json), parsed.GetValue(cache)).Write(run.Conversations, run.Totals, environment.Out);
            if (parsed.GetValue(plot) is { } plotFile && run.HasRequests)
                await File.WriteAllTextAsync(plotFile, session is null ? CostRecallPlot.Draw([.. run.Totals]) : SessionPlot.Draw(session.Longest), cancellationToken);
            await environment.Out.FlushAsync(cancellationToken);
            return run.ExitCode;
        });
        return command;
    }

    private static ModelCounter CounterOf(string model, string? encoding, double? charactersPerToken) => (encoding, charactersPerToken) switch
    {
        (null, null) => new ModelCounters().For(model),
        ({ } name, null) => Uncalibrated(TokenCounter.ForEncoding(name)),
        (null, { } characters) => Uncalibrated(TokenCounter.Create(text => (int)Math.Ceiling(text.Length / characters))),
        _ => throw new CliException("--encoding and --characters-per-token both say how to count: give either."),
    };

    private static ModelCounter Uncalibrated(TokenCounter counter) => new(new MessageCounter(counter), new TokenCalibration(1));
}

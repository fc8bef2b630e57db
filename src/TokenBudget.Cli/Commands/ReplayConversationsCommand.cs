using System.CommandLine;
using TokenBudget.Cli.Replay;
using TokenBudget.Conversations;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Windowing;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget replay conversations FILE… --model ID --policy …</c>: what recorded conversations would cost.</summary>
internal static class ReplayConversationsCommand
{
    private const int DefaultMaxTokens = 50_000;

    public static Command Create(CliEnvironment environment)
    {
        var files = new Argument<string[]>("FILE") { Description = "Recorded conversations, .jsonl or .jsonl.gz.", Arity = ArgumentArity.OneOrMore };
        var model = new Option<string>("--model") { Description = "The model whose prices and prompt cache count.", HelpName = "ID", Required = true };
        var policies = new Option<ReplayPolicy[]>("--policy")
        {
            Description = "unbounded, sliding or economic; may be given several times. Left out: all three.",
            HelpName = "POLICY",
            DefaultValueFactory = static _ => Enum.GetValues<ReplayPolicy>(),
        };
        var maxTokens = Number("--max-context-tokens", "The most tokens of a request; 50,000 unless told.", least: 1);
        var trimTo = Number("--trim-to-tokens", "What a cut of the economic policy leaves; half of the most unless told.", least: 1);
        var maxMessages = Number("--max-messages", "The most messages of a request; without a limit unless told.", least: 1);
        var encoding = EncodingOption.Create("Count with this encoding instead of the model's own counter.");
        var at = DateOption.Create("The day (UTC) whose prices count, as yyyy-MM-dd; today unless told.");
        var json = new Option<bool>("--json") { Description = "One JSON object a line and policy." };
        var catalogue = CatalogueOption.Create();
        var command = new Command("conversations", "What recorded conversations would use and cost under a policy, the provider's prompt cache included.")
        {
            files, model, policies, maxTokens, trimTo, maxMessages, encoding, at, json, catalogue,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var day = parsed.GetValue(at) ?? environment.Clock.GetUtcNow();
            var info = CatalogueOption.FindPriced(CatalogueOption.Load(parsed.GetValue(catalogue)), parsed.GetRequiredValue(model), day);
            var limits = new ContextWindowOptions
            {
                MaxTokens = parsed.GetValue(maxTokens) ?? DefaultMaxTokens,
                TrimToTokens = parsed.GetValue(trimTo) ?? 0,
                MaxMessages = parsed.GetValue(maxMessages) ?? 0,
            };
            if (limits.TrimToTokens > limits.MaxTokens)
                throw new CliException(FormattableString.Invariant(
                    $"--trim-to-tokens is {limits.TrimToTokens}, more than --max-context-tokens ({limits.MaxTokens}): a cut must leave less than the most."));
            var counter = parsed.GetValue(encoding) is { } name
                ? new ModelCounter(new MessageCounter(TokenCounter.ForEncoding(name)), new TokenCalibration(1))
                : new ModelCounters().For(info.Id);
            var replay = new ConversationReplay(
                parsed.GetRequiredValue(policies).Distinct().ToDictionary(static policy => policy, policy => LimitsOf(policy, limits)),
                info,
                counter,
                day);
            return RunAsync(parsed.GetRequiredValue(files), replay, new ReplayReport(info.Id, counter, parsed.GetValue(json)), environment, cancellationToken);
        });
        return command;
    }

    private static ContextWindowOptions? LimitsOf(ReplayPolicy policy, ContextWindowOptions limits) => policy switch
    {
        ReplayPolicy.Sliding => limits with { Policy = WindowPolicy.Sliding },
        ReplayPolicy.Economic => limits with { Policy = WindowPolicy.Economic },
        _ => null,
    };

    private static async Task<int> RunAsync(
        string[] files, ConversationReplay replay, ReplayReport report, CliEnvironment environment, CancellationToken cancellationToken)
    {
        var exitCode = ExitCodes.Ok;
        var conversations = 0;
        foreach (var file in files)
        {
            try
            {
                await foreach (var conversation in RecordedConversationReader.ReadAsync(file, error => Fail(error.ToString()), cancellationToken))
                {
                    conversations++;
                    replay.Replay(
                        conversation.CompleteToolPairs(),
                        (policy, position, reason) => Fail(FormattableString.Invariant($"{file}: conversation '{conversation.Id}', message {position}, {policy}: refused: {reason}")),
                        cancellationToken);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Fail($"{file}: {exception.Message}");
            }
        }

        report.Write(conversations, replay.Totals, environment.Out);
        await environment.Out.FlushAsync(cancellationToken);
        return exitCode;

        void Fail(string message)
        {
            exitCode = ExitCodes.BadInput;
            environment.Error.WriteLine(message);
        }
    }

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

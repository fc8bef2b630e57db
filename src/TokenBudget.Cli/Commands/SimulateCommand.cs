using System.CommandLine;
using TokenBudget.Cli.Simulation;
using TokenBudget.Models;
using TokenBudget.Testing;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget simulate</c>: a provider on loopback in its own process, for programs in any language; at the end its bill and its verdict.</summary>
internal static class SimulateCommand
{
    private const string DefaultReply = "This is a simulated reply.";

    // Ctrl+C leaves a command two seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static Command Create(CliEnvironment environment)
    {
        var port = new Option<int>("--port") { Description = "The port on 127.0.0.1, or the next free one; any free one unless told.", HelpName = "N" };
        port.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var value) && value is < 0 or > ushort.MaxValue)
                result.AddError(FormattableString.Invariant($"--port is {value}, but ports are 0 to {ushort.MaxValue}."));
        });
        var models = new Option<string[]>("--model")
        {
            Description = "The models on offer, at their list prices, with commas between or several times; claude-sonnet-4-5 and gpt-4o unless told.",
            HelpName = "ID,…",
            DefaultValueFactory = static _ => ["claude-sonnet-4-5,gpt-4o"],
        };
        var catalogue = CatalogueOption.Create();
        var requests = NumberOption.Count("--requests-per-minute", "The limit of requests; 1,000 unless told.");
        var input = NumberOption.Count("--input-tokens-per-minute", "Anthropic's limit of input tokens; 2,000,000 unless told.");
        var output = NumberOption.Count("--output-tokens-per-minute", "Anthropic's limit of output tokens; 400,000 unless told.");
        var tokens = NumberOption.Count("--tokens-per-minute", "The limit of all tokens, as OpenAI has it; none unless told.");
        var reply = new Option<string>("--reply") { Description = "What every model answers.", HelpName = "TEXT", DefaultValueFactory = static _ => DefaultReply };
        var firstToken = NumberOption.Amount("--time-to-first-token", "Seconds until an answer begins; none unless told.", "SECONDS", mayBeZero: true);
        var speed = NumberOption.Amount("--output-tokens-per-second", "How fast answers are written; at once unless told.", "N");
        var faults = new Option<string?>("--faults")
        {
            Description = $"What goes wrong, and how often, as overloaded=0.05,cut=0.02. There are {FaultShares.Names}.",
            HelpName = "NAME=SHARE,…",
        };
        var seed = new Option<int>("--seed") { Description = "The same seed strikes the same requests; 1 unless told.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var command = new Command("simulate", "Plays Anthropic and OpenAI on 127.0.0.1 until Ctrl+C, and then tells what the client cost and did wrong.")
        {
            port, models, catalogue, requests, input, output, tokens, reply, firstToken, speed, faults, seed,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var known = CatalogueOption.Load(parsed.GetValue(catalogue));
            var now = environment.Clock.GetUtcNow();
            var limits = new SimulatedLimits();
            var answer = SimulatedReply.Text(parsed.GetRequiredValue(reply));
            return await RunAsync(environment, cancellationToken, new SimulatorOptions
            {
                Models = [.. parsed.GetRequiredValue(models).SelectMany(static list => list.Split(',')).Distinct(StringComparer.Ordinal).Select(id => ModelOf(CatalogueOption.FindPriced(known, id, now), id, now))],
                Responder = (_, _) => ValueTask.FromResult(answer),
                TimeProvider = environment.Clock,
                Port = parsed.GetValue(port),
                Limits = limits with
                {
                    RequestsPerMinute = parsed.GetValue(requests) ?? limits.RequestsPerMinute,
                    InputTokensPerMinute = parsed.GetValue(input) ?? limits.InputTokensPerMinute,
                    OutputTokensPerMinute = parsed.GetValue(output) ?? limits.OutputTokensPerMinute,
                    TokensPerMinute = parsed.GetValue(tokens),
                },
                Latency = new SimulatedLatency { TimeToFirstToken = TimeSpan.FromSeconds(parsed.GetValue(firstToken) ?? 0), OutputTokensPerSecond = parsed.GetValue(speed) },
                Faults = parsed.GetValue(faults) is { } plan ? FaultShares.Parse(plan, parsed.GetValue(seed)) : null,
            });
        });
        return command;
    }

    private static async Task<int> RunAsync(CliEnvironment environment, CancellationToken cancellationToken, SimulatorOptions options)
    {
        await using var provider = await ProviderSimulator.StartAsync(options, cancellationToken);
        await environment.Out.WriteLineAsync($"{provider.BaseAddress.AbsoluteUri.TrimEnd('/')} answers POST /v1/messages and POST /v1/chat/completions for {string.Join(", ", options.Models.Select(static model => model.Id))}; any key will do. Ctrl+C ends it.");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }

        var verdict = await provider.GetFinalVerdictAsync(patience: Patience, cancellationToken: CancellationToken.None);
        await environment.Out.WriteLineAsync(provider.Bill.ToString());
        await environment.Out.WriteLineAsync(verdict.ToString());
        return verdict.IsClean ? ExitCodes.Ok : ExitCodes.NotClean;
    }

    private static SimulatedModel ModelOf(ModelInfo model, string id, DateTimeOffset at)
    {
        var rates = model.PricesAt(at).Rates;
        var simulated = new SimulatedModel
        {
            Id = id,
            Input = rates.Input,
            Output = rates.Output,
            CacheRead = rates.CacheRead,
            CacheWrite5Minutes = rates.CacheWrite5Minutes,
            CacheWrite1Hour = rates.CacheWrite1Hour,
            MinCacheableTokens = model.MinCacheableTokens,
        };
        return simulated with
        {
            MaxInputTokens = model.MaxInputTokens ?? simulated.MaxInputTokens,
            MaxOutputTokens = model.MaxOutputTokens ?? simulated.MaxOutputTokens,
        };
    }
}

using System.CommandLine;
using TokenBudget.Cli.Plots;
using TokenBudget.Cli.Requests;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget replay requests TRACE… --tokens-per-minute N …</c>: a recorded load against a rate limit.</summary>
internal static class ReplayRequestsCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var options = new ReplayRequestsOptions();
        var command = new Command(
            "requests",
            "How a recorded load passes a rate limit: the limiter in virtual time, beside an oracle that knows what each request will use.")
        {
            options.Traces, options.TokensPerMinute, options.LimitOfMean, options.RequestsPerMinute, options.Mode, options.Estimate, options.Hold,
            options.FirstToken, options.OutputSpeed, options.Log, options.Plot, options.Json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(environment, options, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliEnvironment environment, ReplayRequestsOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        options.Check(parsed);
        var report = new RequestReplayReport(environment.Out, parsed.GetValue(options.Json));
        using var log = parsed.GetValue(options.Log) is { } logFile ? new AdmissionLog(File.Create(logFile)) : null;
        var series = parsed.GetValue(options.Plot) is null ? null : new AdmissionSeries();
        var exitCode = ExitCodes.Ok;
        foreach (var path in parsed.GetRequiredValue(options.Traces))
        {
            var trace = new RequestTrace(path);
            try
            {
                foreach (var setting in options.SettingsOf(parsed, trace))
                {
                    using var replay = new RequestReplay(setting, log, series);
                    var result = replay.Run(trace.Read(), cancellationToken);
                    report.Add(trace.Name, setting, result);
                    if (parsed.GetValue(options.Plot) is { } plotFile)
                        await File.WriteAllTextAsync(plotFile, RateLimitPlot.Draw(trace.Name, setting, series!), cancellationToken);
                }
            }
            catch (CliException exception)
            {
                await environment.Error.WriteLineAsync(exception.Message);
                exitCode = ExitCodes.BadInput;
            }
        }

        report.Finish();
        await environment.Out.FlushAsync(cancellationToken);
        return exitCode;
    }
}

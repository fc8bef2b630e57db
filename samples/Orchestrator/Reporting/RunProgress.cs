using Spectre.Console;

namespace Orchestrator.Reporting;

/// <summary>A progress bar for each run; plain lines where there is no terminal.</summary>
internal static class RunProgress
{
    public static Task<T> RunAsync<T>(string name, int steps, Func<Action, Task<T>> work)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive)
            return RunPlainAsync(name, steps, work);
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask(Markup.Escape(name), maxValue: steps);
                return work(() => bar.Increment(1));
            });
    }

    private static async Task<T> RunPlainAsync<T>(string name, int steps, Func<Action, Task<T>> work)
    {
        var done = 0;
        var result = await work(() =>
        {
            var now = Interlocked.Increment(ref done);
            if (now * 4 / steps != (now - 1) * 4 / steps)
                Console.WriteLine($"{name}: {now * 100 / steps} %");
        });
        return result;
    }
}

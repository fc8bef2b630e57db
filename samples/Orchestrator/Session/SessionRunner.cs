using Orchestrator.Agents;
using Orchestrator.Web;

namespace Orchestrator.Session;

/// <summary>Takes one worker through the session.</summary>
internal sealed class SessionRunner(SessionScript script, TimeProvider time)
{
    /// <param name="worker">Who works.</param>
    /// <param name="onStep">Told after each step.</param>
    /// <param name="cancellationToken">Ends the session.</param>
    public async Task RunAsync(IWorker worker, Action onStep, CancellationToken cancellationToken)
    {
        var tools = LookUpTools.CreateOptions();
        foreach (var step in script.Steps)
        {
            using var span = TelemetryExport.Steps.StartActivity(step.GetType().Name);
            switch (step)
            {
                case WorkStep work:
                    await worker.WorkAsync(work.Text, tools, cancellationToken);
                    break;
                case ReportStep report:
                    await worker.ReportAsync(report.Text, tools, cancellationToken);
                    break;
                case ClassifyStep classify:
                    await worker.ClassifyAsync(classify.Ticket, cancellationToken);
                    break;
                case BurstStep burst:
                    await Task.WhenAll(burst.Tickets.Select(ticket => worker.ClassifyAsync(ticket, cancellationToken)));
                    break;
                case PauseStep pause:
                    await Task.Delay(pause.Length, time, cancellationToken);
                    break;
            }

            onStep();
        }
    }
}

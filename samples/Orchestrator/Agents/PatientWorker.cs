using Microsoft.Extensions.AI;
using TokenBudget.Costs;

namespace Orchestrator.Agents;

/// <summary>The job, waiting while somebody has paused its budget by hand, and going on where it stopped.</summary>
internal sealed class PatientWorker(IWorker worker, CostTracker costs) : IWorker
{
    public Task<TicketKind> ClassifyAsync(string ticket, CancellationToken cancellationToken) =>
        GoOnAsync(() => worker.ClassifyAsync(ticket, cancellationToken), canResume: true, cancellationToken);

    public Task<string> WorkAsync(string step, ChatOptions tools, CancellationToken cancellationToken) =>
        GoOnAsync(() => worker.WorkAsync(step, tools, cancellationToken), canResume: true, cancellationToken);

    // A stream cannot be continued for its reader: it is asked for again.
    public Task<string> ReportAsync(string question, ChatOptions tools, CancellationToken cancellationToken) =>
        GoOnAsync(() => worker.ReportAsync(question, tools, cancellationToken), canResume: false, cancellationToken);

    private async Task<T> GoOnAsync<T>(Func<Task<T>> call, bool canResume, CancellationToken cancellationToken)
    {
        var next = call;
        while (true)
        {
            try
            {
                return await next();
            }
            catch (BudgetPausedException paused) when (paused.Status.PausedByHand is not null)
            {
                await ResumedAsync(paused.Status.Name, cancellationToken);
                if (canResume)
                    next = () => paused.ResumeAsync<T>(cancellationToken);
            }
        }
    }

    private async Task ResumedAsync(string budget, CancellationToken cancellationToken)
    {
        var resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        costs.PauseChanged += Look;
        try
        {
            // Somebody may have been faster.
            if (costs.GetStatus().Any(status => status.Name == budget && status.IsPaused))
                await resumed.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            costs.PauseChanged -= Look;
        }

        void Look(object? sender, BudgetStatus status)
        {
            if (status.Name == budget && !status.IsPaused)
                resumed.TrySetResult();
        }
    }
}

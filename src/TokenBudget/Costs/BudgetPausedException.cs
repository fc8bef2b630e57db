using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Configuration;
using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>
/// A budget is paused: a call did not fit, and nothing more is sent until somebody approves (<see cref="CostTracker.ApproveAsync"/>) or the next
/// period begins; or somebody has paused it by hand (<see cref="BudgetStatus.PausedByHand"/> of <see cref="Status"/>, with the reason), until somebody resumes. The conversation is as it was before the call; <see cref="ResumeAsync{T}"/> goes on where the call stopped.
/// </summary>
public sealed class BudgetPausedException : TokenBudgetException
{
    private Func<CancellationToken, Task<object?>>? _resume;

    /// <summary>Creates the exception.</summary>
    /// <param name="status">The budget as it was found.</param>
    /// <param name="requested">The most the call could have cost.</param>
    /// <param name="resetsAt">When the next period begins; <see langword="null"/>, never.</param>
    public BudgetPausedException(BudgetStatus status, Usd requested, DateTimeOffset? resetsAt)
        : base(Describe(status, requested, resetsAt))
    {
        Status = status;
        Requested = requested;
        ResetsAt = resetsAt;
    }

    /// <summary>The same pause for one of several calls, which goes on in its own way.</summary>
    internal BudgetPausedException(BudgetPausedException pause, Func<CancellationToken, Task<object?>> resume)
        : base(pause.Message, pause)
    {
        Status = pause.Status;
        Requested = pause.Requested;
        ResetsAt = pause.ResetsAt;
        Messages = pause.Messages;
        _resume = resume;
    }

    /// <summary>The budget as it was found: limit, spent and reserved.</summary>
    public BudgetStatus Status { get; }

    /// <summary>The most the call could have cost.</summary>
    public Usd Requested { get; }

    /// <summary>When the next period begins; <see langword="null"/>, never.</summary>
    public DateTimeOffset? ResetsAt { get; }

    /// <summary>
    /// The messages of the request that was not sent, before they were cut: system messages, history, and of a call with tools all rounds so far
    /// with their results. Sending them again goes on there, also for streams.
    /// </summary>
    public IReadOnlyList<ChatMessage> Messages { get; internal set; } = [];

    /// <summary>Runs the rounds of a call that are left, for whoever appends the turn.</summary>
    internal Func<CancellationToken, Task<ChatResponse>>? Rest { get; set; }

    /// <summary>
    /// Goes on with the call: rounds that were paid are not asked again, tools are not run again, and the whole turn is appended to its conversation.
    /// Throws this exception anew while the budget is paused.
    /// </summary>
    /// <typeparam name="T">What the method returns; <see cref="ChatResponse"/> for a plain chat client.</typeparam>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="InvalidOperationException">The call was a stream: its reader has to send <see cref="Messages"/> again.</exception>
    public async Task<T> ResumeAsync<T>(CancellationToken cancellationToken = default)
    {
        if (_resume is null)
            throw new InvalidOperationException("A stream that stopped cannot be continued for its reader. Send Messages again, or use AtLimit.Wait.");
        return (T)(await _resume(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>Says how to go on with a plain request.</summary>
    internal void ResumeWith(Func<CancellationToken, Task<ChatResponse>> resume) => _resume = async token => await resume(token).ConfigureAwait(false);

    private static string Describe(BudgetStatus status, Usd requested, DateTimeOffset? resetsAt)
    {
        ArgumentNullException.ThrowIfNull(status);
        if (status is { IsPaused: true, PausedByHand: { } pause })
        {
            var reason = pause.Reason is { } words ? $": \"{words}\"" : string.Empty;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Budget '{status.Name}' was paused by hand at {pause.At:u}{reason}. A call of up to {requested} waits until Costs.ApproveAsync(\"{status.Name}\") or Resume on the dashboard ends that.");
        }

        var next = resetsAt is { } at ? string.Create(CultureInfo.InvariantCulture, $" or the next period begins at {at:u}") : string.Empty;
        return $"Budget '{status.Name}' ({status.Limit} {PeriodText.Of(status.Period)}, {status.Settled} spent, {status.Reserved} reserved) is paused: a call of up to {requested} waits until "
            + $"Costs.ApproveAsync(\"{status.Name}\", …) allows more{next}.";
    }
}

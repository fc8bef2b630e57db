using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Windowing;

namespace TokenBudget.Cli.Replay;

/// <summary>Sends recorded conversations again, on paper, under several policies at once, and adds up what each would cost.</summary>
/// <remarks>
/// Every recorded answer is one request, with what the policy sends of everything before it. An answer before which nobody has
/// said anything is a greeting the program wrote, not a request.
/// </remarks>
internal sealed class ConversationReplay
{
    private readonly ModelInfo _model;
    private readonly ModelCounter _counter;
    private readonly DateTimeOffset _at;
    private readonly Dictionary<ReplayPolicy, ContextWindow?> _windows = [];
    private readonly Dictionary<ReplayPolicy, ReplayTotals> _totals = [];

    /// <param name="policies">What to compare, with the limits of each; a policy without limits sends everything.</param>
    /// <param name="model">Whose prices and prompt cache count.</param>
    /// <param name="counter">Counts for that model.</param>
    /// <param name="at">The day whose prices count.</param>
    public ConversationReplay(
        IReadOnlyDictionary<ReplayPolicy, ContextWindowOptions?> policies,
        ModelInfo model,
        ModelCounter counter,
        DateTimeOffset at)
    {
        _model = model;
        _counter = counter;
        _at = at;
        foreach (var (policy, options) in policies)
        {
            _windows[policy] = options is null ? null : new ContextWindow(options, counter.Messages);
            _totals[policy] = new ReplayTotals { Policy = policy };
        }
    }

    public IEnumerable<ReplayTotals> Totals => _totals.Values;

    /// <summary>Replays one conversation.</summary>
    /// <param name="conversation">The conversation; each call in it has a result.</param>
    /// <param name="onRefused">Called for each request that a policy cannot make fit, with the policy, the position of the answer from 1, and the reason.</param>
    /// <param name="cancellationToken">Cancels between two requests.</param>
    public void Replay(RecordedConversation conversation, Action<ReplayPolicy, int, string> onRefused, CancellationToken cancellationToken)
    {
        var unbounded = NewCache();
        var caches = _windows.Keys.ToDictionary(static policy => policy, _ => NewCache());
        var history = new List<ChatMessage>(conversation.Messages.Count);
        var somebodySpoke = false;
        foreach (var message in conversation.Messages)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (message.Role == ChatRole.Assistant && somebodySpoke)
            {
                var everything = CostOf(unbounded.Send(history, message));
                foreach (var (policy, window) in _windows)
                {
                    try
                    {
                        var usage = caches[policy].Send(window?.Reduce(history, 0, _counter.Calibration).Messages ?? history, message);
                        _totals[policy] = _totals[policy].With(usage, CostOf(usage), everything, usage.TotalInput > _model.MaxInputTokens);
                    }
                    catch (ContextOverflowException exception)
                    {
                        _totals[policy] = _totals[policy] with { Refused = _totals[policy].Refused + 1 };
                        onRefused(policy, history.Count + 1, exception.Message);
                    }
                }
            }

            somebodySpoke |= message.Role == ChatRole.User;
            history.Add(message);
        }
    }

    private PromptCache NewCache() => new(_counter, _model.MinCacheableTokens);

    private Usd CostOf(TokenUsage usage) => CostCalculator.CostOf(_model, usage, _at);
}

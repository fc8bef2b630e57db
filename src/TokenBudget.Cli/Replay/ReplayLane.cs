using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Windowing;

namespace TokenBudget.Cli.Replay;

/// <summary>One setting's way through the conversations.</summary>
internal sealed class ReplayLane
{
    private readonly ModelInfo _model;
    private readonly ModelCounter _counter;
    private readonly DateTimeOffset _at;
    private readonly ContextWindow? _window;
    private readonly ReplayAnswers? _answers;
    private PromptCache _cache;

    /// <param name="setting">The setting.</param>
    /// <param name="model">Whose prices and prompt cache count.</param>
    /// <param name="counter">Counts for that model.</param>
    /// <param name="at">The day whose prices count.</param>
    /// <param name="isCached">Whether a response cache answers what was asked before.</param>
    public ReplayLane(ReplaySetting setting, ModelInfo model, ModelCounter counter, DateTimeOffset at, bool isCached)
    {
        _model = model;
        _counter = counter;
        _at = at;
        _window = setting.ToWindow(PromptCacheTerms.Of(model, at)) is { } options ? new ContextWindow(options, counter.Messages) : null;
        _cache = NewCache();
        _answers = isCached ? new ReplayAnswers(model.Id) : null;
        Setting = setting;
        Totals = new ReplayTotals { Setting = setting };
    }

    public ReplaySetting Setting { get; }

    public ReplayTotals Totals { get; set; }

    /// <summary>What the current request sent; none when it was refused.</summary>
    public IReadOnlyList<ChatMessage>? Sent { get; private set; }

    /// <summary>What the window says of the current request; none when there is no window.</summary>
    public ReductionReport? Report { get; private set; }

    public TokenUsage Usage { get; private set; }

    /// <summary>What the window expected the provider to read from its cache.</summary>
    public long PredictedCacheRead { get; private set; }

    /// <summary>What the current request cost; none when it was refused.</summary>
    public Usd? Cost { get; private set; }

    /// <summary>What the current request would have used, had it not been answered from the response cache; none when it was sent.</summary>
    public TokenUsage? AvoidedUsage { get; private set; }

    /// <summary>What that would have cost.</summary>
    public Usd AvoidedCost { get; private set; }

    /// <summary>Begins a conversation, of which the provider has nothing in its cache.</summary>
    public void Begin() => _cache = NewCache();

    /// <summary>Sends one request.</summary>
    /// <returns>Why it was refused, or <see langword="null"/>.</returns>
    public string? Send(IReadOnlyList<ChatMessage> history, ChatMessage answer)
    {
        (Sent, Cost) = (null, null);
        try
        {
            (Sent, Report) = _window?.Reduce(history, 0, _counter.Calibration) is var (messages, report) ? (messages, report) : (history, null);
        }
        catch (ContextOverflowException exception)
        {
            return exception.Message;
        }

        var key = _answers?.KeyOf(Sent);
        AvoidedUsage = key is { } asked ? _answers!.Find(asked) : null;
        AvoidedCost = AvoidedUsage is { } avoided ? CostCalculator.CostOf(_model, avoided, _at) : Usd.Zero;
        if (AvoidedUsage is not null)
        {
            // The provider hears nothing of it.
            (Usage, PredictedCacheRead, Cost) = (default, 0, Usd.Zero);
            return null;
        }

        Usage = _cache.Send(Sent, answer);
        if (key is { } made)
            _answers!.Keep(made, answer, Usage);
        PredictedCacheRead = Report is null ? 0 : _cache.ReadOf(Report.SharedTokens, Usage.TotalInput);
        Cost = CostCalculator.CostOf(_model, Usage, _at);
        return null;
    }

    private PromptCache NewCache() => new(_counter, _model.MinCacheableTokens);
}

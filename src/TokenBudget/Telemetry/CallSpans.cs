using System.Diagnostics;
using TokenBudget.Retries;

namespace TokenBudget.Telemetry;

/// <summary>
/// The spans of the source <c>TokenBudget</c>: one for a call of an agent's method, one for each request it makes of a model, and below these what took time. As long as nobody listens nothing
/// is done, and nothing is allocated. Thread-safe.
/// </summary>
/// <remarks>
/// What is known only deep inside a request is told by whoever knows it, and finds its span as the current one. No message of an exception is recorded, because providers quote prompts and keys in
/// theirs: its type alone.
/// </remarks>
internal sealed class CallSpans : IDisposable
{
    // By these a span of ours is recognised; what people see is the display name.
    private const string Call = "tokenbudget.call";
    private const string Request = "tokenbudget.request";

    private readonly ActivitySource _source = new(TokenBudgetTelemetry.Name);

    /// <summary>The source, for a listener that wants those of one runtime.</summary>
    public ActivitySource Source => _source;

    /// <summary>Whether anybody listens.</summary>
    public bool AreWanted => _source.HasListeners();

    /// <summary>A call of an agent's method begins.</summary>
    public Activity? StartCall(string agent, string method, string? model)
    {
        var span = _source.StartActivity(Call, ActivityKind.Internal, parentContext: default,
        [
            new(GenAi.Operation, "invoke_agent"), new(GenAi.Agent, agent), new("tokenbudget.method", method), .. model is null ? (ReadOnlySpan<KeyValuePair<string, object?>>)[] : [new(GenAi.RequestModel, model)],
        ]);
        if (span is not null)
            span.DisplayName = $"invoke_agent {agent}";
        return span;
    }

    /// <summary>A request of a model begins.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="method">Its method.</param>
    /// <param name="model">The model asked for; none, where only the answer names it.</param>
    /// <param name="provider">The provider, as the client calls it.</param>
    /// <param name="isTracedInside">
    /// Whether the client behind the budget makes a span of its own by the conventions, as one with <c>UseOpenTelemetry()</c> does. Then this one has no gen_ai operation and usage: who adds up either must
    /// not find a request twice. The same holds where such a span stands around it.
    /// </param>
    public Activity? StartRequest(string agent, string method, string? model, string? provider, bool isTracedInside)
    {
        var isTold = isTracedInside || (Activity.Current is { } around && !ReferenceEquals(around.Source, _source) && around.GetTagItem(GenAi.Operation) is "chat");
        var span = _source.StartActivity(Request, isTold ? ActivityKind.Internal : ActivityKind.Client, parentContext: default,
        [
            .. isTold ? (ReadOnlySpan<KeyValuePair<string, object?>>)[] : [new(GenAi.Operation, "chat"), new("gen_ai.provider.name", provider)],
            new(GenAi.Agent, agent), new(GenAi.RequestModel, model), new("tokenbudget.method", method),
        ]);
        if (span is not null)
            span.DisplayName = isTold ? Request : NameOf(model);
        return span;
    }

    /// <summary>Something that a call takes its time for: <c>summarize</c>, <c>execute_tool …</c>.</summary>
    public Activity? Start(string what) => _source.StartActivity(what);

    /// <summary>A span around waiting, where there is something to wait for.</summary>
    /// <param name="what">What is waited for: <c>budget</c>, <c>rate_limit</c>, <c>ledger</c>, <c>retry</c>.</param>
    /// <param name="waiting">The wait, which has begun.</param>
    public ValueTask<T> WaitAsync<T>(string what, ValueTask<T> waiting) => waiting.IsCompleted || !AreWanted ? waiting : InSpanAsync(what, waiting.AsTask());

    /// <summary>The same of a wait that brings nothing.</summary>
    public Task WaitAsync(string what, Task waiting) => waiting.IsCompleted || !AreWanted ? waiting : InSpanAsync(what, AndNothingAsync(waiting)).AsTask();

    /// <summary>The same of a wait that is often over at once.</summary>
    public ValueTask WaitAsync(string what, ValueTask waiting) => waiting.IsCompleted || !AreWanted ? waiting : new ValueTask(WaitAsync(what, waiting.AsTask()));

    /// <summary>A span that ended with an exception. Who left meant to.</summary>
    public static void Fail(Activity? span, Exception exception, CancellationToken cancellationToken = default)
    {
        if (span is null)
            return;
        if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            span.SetTag("tokenbudget.outcome", "cancelled");
            return;
        }

        span.SetStatus(ActivityStatusCode.Error);
        span.SetTag("error.type", exception.GetType().FullName);
    }

    /// <summary>What the answer of a request says of itself.</summary>
    public static void Answer(Activity? span, string? model, string? finishReason)
    {
        if (span?.OperationName != Request || span.GetTagItem(GenAi.Operation) is null)
            return;
        if (model is not null)
            span.SetTag("gen_ai.response.model", model);
        if (finishReason is not null)
            span.SetTag("gen_ai.response.finish_reasons", new[] { finishReason });
    }

    /// <summary>An attempt of a request is settled; the span has the sums of all.</summary>
    public void Settle(in SettledRequest request)
    {
        if (Current(Request) is not { } span)
            return;
        Add(span, "tokenbudget.attempts", 1);
        Add(span, "tokenbudget.cost.pico_usd", request.Cost.PicoDollars);
        span.SetTag("tokenbudget.cost", (double)((span.GetTagItem("tokenbudget.cost.pico_usd") as long? ?? 0) / 1_000_000_000_000m));
        span.SetTag("tokenbudget.outcome", request.Outcome);
        span.SetTag("tokenbudget.is_estimate", request.IsEstimate);
        span.SetTag("tokenbudget.throttled", (span.GetTagItem("tokenbudget.throttled") as double? ?? 0) + request.Throttled.TotalSeconds);
        if (request.SavedTokens > 0)
            span.SetTag("tokenbudget.tokens.saved", request.SavedTokens);
        if (span.GetTagItem(GenAi.Operation) is null)
            return;
        Add(span, "gen_ai.usage.input_tokens", request.InputTokens);
        Add(span, "gen_ai.usage.output_tokens", request.OutputTokens);
        Add(span, "gen_ai.usage.cache_read.input_tokens", request.CacheReadTokens);
        Add(span, "gen_ai.usage.cache_creation.input_tokens", request.CacheWriteTokens);
    }

    /// <summary>A request is not sent.</summary>
    public void Refuse(string reason)
    {
        if (Current(Request) is { } span)
            span.SetTag("tokenbudget.outcome", "refused").SetTag("tokenbudget.reason", reason);
    }

    /// <summary>A request will be sent again.</summary>
    public void Retry(ProviderErrorKind kind) => Current(Request)?.AddEvent(new ActivityEvent("tokenbudget.retry", tags: new ActivityTagsCollection { ["error.type"] = kind.ToString() }));

    /// <summary>A request goes to another model.</summary>
    public void Route(string model, string reason)
    {
        if (Current(Request) is not { } span)
            return;
        span.AddEvent(new ActivityEvent("tokenbudget.route", tags: new ActivityTagsCollection { [GenAi.RequestModel] = model, ["tokenbudget.reason"] = reason }));
        span.SetTag(GenAi.RequestModel, model);
        if (span.DisplayName != Request)
            span.DisplayName = NameOf(model);
    }

    /// <summary>The response cache was asked.</summary>
    public void LookUp(string outcome) => Current(Call)?.SetTag("tokenbudget.cache.outcome", outcome);

    /// <summary>A cached answer has avoided something.</summary>
    public void Avoid(decimal costUsd) => Current(Call)?.SetTag("tokenbudget.cost.avoided", (double)costUsd);

    public void Dispose() => _source.Dispose();

    private static string NameOf(string? model) => model is null ? "chat" : $"chat {model}";

    private static void Add(Activity span, string tag, long more) => span.SetTag(tag, (span.GetTagItem(tag) as long? ?? 0) + more);

    private static async Task<bool> AndNothingAsync(Task waiting)
    {
        await waiting.ConfigureAwait(false);
        return true;
    }

    private async ValueTask<T> InSpanAsync<T>(string what, Task<T> waiting)
    {
        using var span = _source.StartActivity("wait " + what);
        try
        {
            return await waiting.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Fail(span, exception);
            throw;
        }
    }

    /// <summary>The innermost of ours, if it is of a kind: one that was not sampled leaves no other to be written to.</summary>
    private Activity? Current(string kind)
    {
        if (!AreWanted)
            return null;
        for (var span = Activity.Current; span is not null; span = span.Parent)
            if (ReferenceEquals(span.Source, _source) && span.OperationName is Call or Request)
                return span.OperationName == kind ? span : null;
        return null;
    }

    /// <summary>Names of OpenTelemetry's conventions for generative AI (1.41, in development) that stand in several places.</summary>
    private static class GenAi
    {
        public const string Operation = "gen_ai.operation.name";
        public const string Agent = "gen_ai.agent.name";
        public const string RequestModel = "gen_ai.request.model";
    }
}

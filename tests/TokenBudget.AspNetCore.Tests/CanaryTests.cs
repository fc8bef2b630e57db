using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Conversations;

namespace TokenBudget.AspNetCore.Tests;

/// <summary>Strings nobody else uses go in as prompts, answers, keys and ids, through calls that succeed and calls that fail. They come out nowhere.</summary>
public sealed class CanaryTests
{
    private static readonly string[] Canaries = ["canary-prompt-1f0c", "canary-answer-77aa", "canary-key-sk-5e21", "canary-system-90bd", "canary-conversation-c3d4"];

    private readonly ConcurrentQueue<string> _told = new();

    [Fact]
    public async Task Nothing_of_prompts_answers_keys_and_conversations_is_in_any_response_log_metric_or_span()
    {
        using var meters = Listen();
        using var spans = ListenToSpans();
        using var logs = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new Recorder(_told)));
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions { AllowUnknownPrices = true }, logger: logs.CreateLogger<TokenBudgetRuntime>());
        await using var host = await Host.StartAsync(
            static options => options.Prometheus = true,
            builder =>
            {
                builder.Services.AddSingleton(runtime);
                builder.Services.AddHealthChecks().AddTokenBudget();
                builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new Recorder(_told));
            });
        runtime.AlertRaised += (_, alert) => _told.Enqueue(alert.ToString());
        await UseAsync(runtime);

        foreach (var (method, path) in host.Routes.Where(static route => route.Method is "GET" or "POST"))
        {
            using var response = await host.SendAsync(method, path.Replace("{name}", Canaries[2], StringComparison.Ordinal).Replace("{file}", Canaries[2], StringComparison.Ordinal), headers: ("X-TokenBudget", "1"));
            _told.Enqueue($"{method} {path}: {response.Headers}{await response.Content.ReadAsStringAsync()}");
            using var wrong = await host.SendAsync(method, path + "?x=" + Canaries[2], headers: [("X-TokenBudget", "1"), ("Cookie", Canaries[2]), ("Authorization", "Bearer " + Canaries[2])]);
            _told.Enqueue($"{method} {path}: {wrong.Headers}{await wrong.Content.ReadAsStringAsync()}");
        }

        var health = await runtime.CheckAsync();
        _told.Enqueue(health.Description + string.Join(',', health.Data.Select(static pair => $"{pair.Key}={pair.Value}")));

        // It was looked at: calls, failures and their alerts are in what was told.
        _told.ShouldContain(static text => text.Contains("Budget of Support.Ask", StringComparison.Ordinal));
        _told.ShouldContain(static text => text.StartsWith("tokenbudget.overhead", StringComparison.Ordinal));
        _told.ShouldContain(static text => text.Contains("spendLimitReached", StringComparison.Ordinal));
        _told.ShouldContain(static text => text.StartsWith("span chat unknown-model", StringComparison.Ordinal) && text.Contains("error.type", StringComparison.Ordinal));
        _told.Count.ShouldBeGreaterThan(60);
        // What the framework itself tells of a request's address at the level Trace and Debug is the host's to choose.
        _told.Where(static text => !text.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) && Canaries.Any(canary => text.Contains(canary, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    /// <summary>Good and bad calls: streamed and not, cached, refused with words that quote the key, over the window, under a conversation.</summary>
    private static async Task UseAsync(TokenBudgetRuntime runtime)
    {
        var provider = new Parrot();
        using var client = runtime.CreateClient(provider, new AgentMethodPolicy
        {
            Agent = "Support",
            Method = "Ask",
            Settings = new BudgetSettings { Model = "unknown-model", MaxContextTokens = 2_000, MaxOutputTokens = 100, TokensPerMinute = 60_000 },
        });
        List<ChatMessage> history = [new(ChatRole.System, Canaries[3]), .. Enumerable.Range(0, 400).Select(static number => new ChatMessage(number % 2 == 0 ? ChatRole.User : ChatRole.Assistant, $"{Canaries[0]} {number}")), new(ChatRole.User, Canaries[0])];
        await client.GetResponseAsync(history);
        await foreach (var _ in client.GetStreamingResponseAsync(history))
        {
        }

        await Should.ThrowAsync<ContextOverflowException>(() => client.GetResponseAsync(string.Join(' ', Enumerable.Repeat(Canaries[0], 2_000))));
        await runtime.Conversations.AppendTurnAsync(Canaries[4], 0, [new CountedMessage(new ChatMessage(ChatRole.User, Canaries[0]), 9)]);
        provider.Failure = () => new HttpRequestException($"invalid key {Canaries[2]} for '{Canaries[0]}'", null, System.Net.HttpStatusCode.Unauthorized);
        await Should.ThrowAsync<HttpRequestException>(() => client.GetResponseAsync(Canaries[0]));
        provider.Failure = () => new HttpRequestException($"no credit left on {Canaries[2]}", null, System.Net.HttpStatusCode.PaymentRequired);
        await Should.ThrowAsync<Exception>(() => client.GetResponseAsync(Canaries[0]));
    }

    private ActivityListener ListenToSpans()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "TokenBudget",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _told.Enqueue(
                $"span {span.DisplayName} {span.OperationName} {span.StatusDescription} {string.Join(',', span.TagObjects.Concat(span.Events.SelectMany(static told => told.Tags)).Select(static tag => $"{tag.Key}={tag.Value}"))} {string.Join(',', span.Baggage)}"),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private MeterListener Listen()
    {
        var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        return listener;
    }

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (instrument.Meter.Name == "TokenBudget")
            _told.Enqueue($"{instrument.Name} {value} {string.Join(',', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"))}");
    }

    private sealed class Parrot : IChatClient
    {
        public Func<Exception>? Failure { get; set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => Failure is { } failure
            ? Task.FromException<ChatResponse>(failure())
            : Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, Canaries[1])) { FinishReason = ChatFinishReason.Stop, Usage = new UsageDetails { InputTokenCount = 30, OutputTokenCount = 12 } });

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
                yield return update;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }

    /// <summary>Writes down what is logged, with its exception and its parts.</summary>
    private sealed class Recorder(ConcurrentQueue<string> told) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Journal(categoryName, told);

        public void Dispose()
        {
        }

        private sealed class Journal(string category, ConcurrentQueue<string> told) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                told.Enqueue($"{category}: {formatter(state, exception)} {state} {exception}");
        }
    }
}

file static class Health
{
    public static Task<HealthCheckResult> CheckAsync(this TokenBudgetRuntime runtime) => new TokenBudgetHealthCheck(runtime).CheckHealthAsync(
        new HealthCheckContext { Registration = new HealthCheckRegistration("tokenbudget", new TokenBudgetHealthCheck(runtime), HealthStatus.Degraded, []) });
}

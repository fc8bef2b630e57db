using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace TokenBudget.Tests.Retries;

/// <summary>Keeps what a runtime warns of.</summary>
internal sealed class LogSink : ILogger<TokenBudgetRuntime>
{
    private readonly ConcurrentQueue<string> _warnings = [];

    public IReadOnlyCollection<string> Warnings => _warnings;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            _warnings.Enqueue(formatter(state, exception));
    }
}

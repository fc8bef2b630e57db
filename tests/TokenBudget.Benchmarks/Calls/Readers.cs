namespace TokenBudget.Benchmarks.Calls;

/// <summary>Implementations of <see cref="IReader"/>: one that works at once, and a decorator as one writes it by hand.</summary>
internal static class Readers
{
    internal sealed class Instant : IReader
    {
        private readonly Task<string> _answer = Task.FromResult("read");

        public Task<string> ReadAsync(string text, CancellationToken cancellationToken) => _answer;
    }

    internal sealed class Decorator(IReader inner) : IReader
    {
        public Task<string> ReadAsync(string text, CancellationToken cancellationToken) => inner.ReadAsync(text, cancellationToken);
    }
}

namespace TokenBudget.Benchmarks.Calls;

/// <summary>An interface somebody implements and has wrapped.</summary>
[TokenBudget(MaxContextTokens = 50_000)]
public interface IReader
{
    Task<string> ReadAsync(string text, CancellationToken cancellationToken = default);
}

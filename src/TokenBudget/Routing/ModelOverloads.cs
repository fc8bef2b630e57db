using System.Collections.Concurrent;

namespace TokenBudget.Routing;

/// <summary>Remembers for a minute which models their provider called overloaded. Thread-safe; as large as the number of models used.</summary>
internal sealed class ModelOverloads(TimeProvider time)
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _until = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Notes that a model is overloaded now.</summary>
    public void Note(string model) => _until[model] = time.GetUtcNow() + Memory;

    /// <summary>Whether a model was overloaded within the last minute.</summary>
    public bool IsOverloaded(string model) => _until.TryGetValue(model, out var until) && time.GetUtcNow() < until;
}

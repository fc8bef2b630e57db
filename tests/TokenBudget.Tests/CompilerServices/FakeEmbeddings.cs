using Microsoft.Extensions.AI;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>An embedding generator that takes everything for the same, unless it is told otherwise. Thread-safe.</summary>
internal sealed class FakeEmbeddings : IEmbeddingGenerator<string, Embedding<float>>
{
    public const string Model = "vectors-1";

    private int _requests;

    public int Requests => _requests;

    public List<string> Texts { get; } = [];

    public Func<string, float[]> VectorOf { get; set; } = static _ => [1, 0];

    public Func<CancellationToken, Task> Before { get; set; } = static _ => Task.CompletedTask;

    public UsageDetails? Usage { get; set; } = new() { InputTokenCount = 5 };

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _requests);
        List<string> texts = [.. values];
        lock (Texts)
            Texts.AddRange(texts);
        await Before(cancellationToken);
        return new GeneratedEmbeddings<Embedding<float>>(texts.Select(text => new Embedding<float>(VectorOf(text)))) { Usage = Usage };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("fake", null, Model) : null;

    public void Dispose()
    {
    }
}

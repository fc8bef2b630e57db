using System.Text;

namespace TokenBudget.Benchmarks.Tokenization;

/// <summary>What is counted in one round: one long string, or many short ones.</summary>
internal sealed record BenchmarkText(string Name, string[] Parts)
{
    public long Utf8Bytes { get; } = Parts.Sum(static part => (long)Encoding.UTF8.GetByteCount(part));
}

namespace TokenBudget.Tokenization.Tests;

/// <summary>What is done a second time allocates nothing. Alone, since all tests share the mergers an encoding keeps: while others hold them, new ones are made.</summary>
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private static readonly Tokenizer O200k = Tokenizer.ForEncoding(Encodings.O200k);

    private static readonly string[] Texts =
    [
        "Hello, world! It's 2026.",
        string.Concat(Enumerable.Repeat("word after word, ", 20_000)),
        new string('x', 5_000),
        new string(' ', 300),
        "\u4E2D\u6587 \U0001F600 e\u0301 \U0001F468\u200D\U0001F469",
    ];

    [Fact]
    public void Counting_again_allocates_nothing() => AllocatedTheSecondTime(static () =>
    {
        foreach (var text in Texts)
            O200k.CountTokens(text);
    }).ShouldBe(0);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(5_000)]
    public void Cutting_again_allocates_nothing(int most) => AllocatedTheSecondTime(() =>
    {
        foreach (var text in Texts)
        {
            O200k.GetIndexByTokenCount(text, most, out _);
            O200k.GetIndexByTokenCountFromEnd(text, most, out _);
        }
    }).ShouldBe(0);

    private static long AllocatedTheSecondTime(Action work)
    {
        work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}

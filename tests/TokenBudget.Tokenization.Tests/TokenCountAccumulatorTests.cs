namespace TokenBudget.Tokenization.Tests;

/// <summary>Counting a text that arrives in parts.</summary>
public sealed class TokenCountAccumulatorTests
{
    private static readonly Tokenizer O200k = Tokenizer.ForEncoding(Encodings.O200k);

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void The_count_is_that_of_the_whole_text_however_it_is_cut(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        var random = new Random(9);
        var texts = Texts.Random(seed: 10, count: Encodings.Nightly ? 60_000 : 6_000).Chunk(12).Select(parts => string.Concat(parts));
        var counter = new TokenCountAccumulator(tokenizer);
        foreach (var text in texts)
        {
            counter.Reset();
            for (int at = 0, size; at < text.Length; at += size)
            {
                size = Math.Min(random.Next(random.Next(1, 400)), text.Length - at);
                counter.Append(text.AsSpan(at, size));
                if (random.Next(20) == 0)
                    counter.Count.ShouldBe(tokenizer.CountTokens(text.AsSpan(0, at + size)), Texts.Show(text[..(at + size)]));
            }

            counter.Count.ShouldBe(tokenizer.CountTokens(text), Texts.Show(text));
        }
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void Pieces_that_count_as_final_stay_whatever_follows(string encoding)
    {
        // The accumulator looks at a long text only; here every position of many short ones is an end.
        var tokenizer = Tokenizer.ForEncoding(encoding);
        foreach (var text in Texts.Random(seed: 11, count: 1_500))
        {
            var pieces = Pieces.Of(encoding, text);
            for (var end = 0; end <= Math.Min(text.Length, 80); end++)
            {
                var (count, settled) = Settled(tokenizer, text, end);
                var (expected, at) = (0, 0);
                foreach (var piece in pieces.TakeWhile(piece => at + piece.Length <= settled))
                    (expected, at) = (expected + tokenizer.CountTokens(piece), at + piece.Length);
                at.ShouldBe(settled, $"{end} of {Texts.Show(text)}");
                count.ShouldBe(expected, $"{end} of {Texts.Show(text)}");
            }
        }
    }

    [Fact]
    public void Little_is_kept_and_nothing_allocated_for_a_text_of_words()
    {
        var counter = new TokenCountAccumulator(O200k);
        for (var i = 0; i < 1_000; i++)
            counter.Append("more words, and more. ");
        _ = counter.Count;

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            counter.Append("more words, and more. ");
        _ = counter.Count;
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        counter.Count.ShouldBe(O200k.CountTokens(string.Concat(Enumerable.Repeat("more words, and more. ", 2_000))));
    }

    [Fact]
    public void A_word_without_an_end_is_counted_and_so_is_what_follows()
    {
        var counter = new TokenCountAccumulator(O200k);
        for (var i = 0; i < 100_000; i++)
            counter.Append("a");
        counter.Append(" b");
        counter.Count.ShouldBe(12_501);
    }

    [Fact]
    public void Nothing_has_no_tokens_and_null_is_an_error()
    {
        var counter = new TokenCountAccumulator(O200k);
        counter.Append("");
        counter.Count.ShouldBe(0);
        Should.Throw<ArgumentNullException>(() => counter.Append((string)null!)).ParamName.ShouldBe("text");
        Should.Throw<ArgumentNullException>(() => new TokenCountAccumulator(null!)).ParamName.ShouldBe("tokenizer");
    }

    private static unsafe (int Count, int Settled) Settled(Tokenizer tokenizer, string text, int end)
    {
        fixed (char* characters = text)
            return (tokenizer.CountSettled(characters, end, out var settled), settled);
    }
}

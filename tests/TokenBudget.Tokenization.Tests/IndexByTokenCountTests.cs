namespace TokenBudget.Tokenization.Tests;

/// <summary>Cutting a text at a number of tokens.</summary>
public sealed class IndexByTokenCountTests
{
    private static readonly Tokenizer O200k = Tokenizer.ForEncoding(Encodings.O200k);

    [Theory]
    [InlineData(0, "", 0)]
    [InlineData(1, "Hello", 1)]
    [InlineData(2, "Hello,", 2)]
    [InlineData(3, "Hello, world", 3)]
    [InlineData(4, "Hello, world!", 4)]
    [InlineData(9, "Hello, world!", 4)]
    public void The_beginning_has_so_many_tokens(int most, string beginning, int expected)
    {
        const string text = "Hello, world!";

        text[..O200k.GetIndexByTokenCount(text, most, out var count)].ShouldBe(beginning);
        count.ShouldBe(expected);
    }

    [Theory]
    [InlineData(0, "", 0)]
    [InlineData(1, "!", 1)]
    [InlineData(2, " world!", 2)]
    [InlineData(4, "Hello, world!", 4)]
    [InlineData(9, "Hello, world!", 4)]
    public void The_end_has_so_many_tokens(int most, string end, int expected)
    {
        const string text = "Hello, world!";

        text[O200k.GetIndexByTokenCountFromEnd(text, most, out var count)..].ShouldBe(end);
        count.ShouldBe(expected);
    }

    [Fact]
    public void A_character_of_several_tokens_is_kept_whole_or_left_out()
    {
        // U+10330 is four tokens; there are three of it.
        const string text = "\U00010330\U00010330\U00010330";
        O200k.CountTokens(text).ShouldBe(12);

        O200k.GetIndexByTokenCount(text, 3, out var count).ShouldBe(0);
        count.ShouldBe(0);
        O200k.GetIndexByTokenCount(text, 7, out count).ShouldBe(2);
        count.ShouldBe(4);
        O200k.GetIndexByTokenCountFromEnd(text, 3, out count).ShouldBe(6);
        count.ShouldBe(0);
        O200k.GetIndexByTokenCountFromEnd(text, 7, out count).ShouldBe(4);
        count.ShouldBe(4);
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void A_cut_lies_where_a_token_and_a_character_end_and_nowhere_further_would_do(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        foreach (var text in Texts.Random(seed: 5, count: 700))
        {
            var ids = tokenizer.EncodeToIds(text);
            var places = Places(tokenizer, text, ids);
            for (var most = 0; most <= Math.Min(ids.Count + 1, 40); most++)
            {
                if (HasSequences(text))
                    continue;
                var fromStart = places.Last(place => place.Tokens <= most);
                tokenizer.GetIndexByTokenCount(text, most, out var count).ShouldBe(fromStart.Index, $"{most} of {Texts.Show(text)}");
                count.ShouldBe(fromStart.Tokens);

                var fromEnd = places.First(place => ids.Count - place.Tokens <= most);
                tokenizer.GetIndexByTokenCountFromEnd(text, most, out count).ShouldBe(fromEnd.Index, $"{most} from the end of {Texts.Show(text)}");
                count.ShouldBe(ids.Count - fromEnd.Tokens);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void The_end_of_a_long_text_is_the_longest_that_has_so_many_tokens(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        var random = new Random(9);
        var parts = Texts.Random(seed: 10, count: 4_000).Where(static part => !HasSequences(part)).ToArray();
        foreach (var size in (int[])[40, 60, 130, 400, 900])
        {
            // From hundreds of pieces to ten thousand, with one huge one among them.
            var text = string.Concat(Enumerable.Range(0, size).Select(_ => parts[random.Next(parts.Length)])) + new string('q', 3 * size)
                + string.Concat(Enumerable.Range(0, size).Select(_ => parts[random.Next(parts.Length)]));
            var ids = tokenizer.EncodeToIds(text);
            var places = Places(tokenizer, text, ids);
            foreach (var most in (int[])[0, 1, 2, 3, 10, 100, 500, 511, 512, 513, 1_024, ids.Count / 2, ids.Count - 1, ids.Count, ids.Count + 1, .. Some(ids.Count)])
            {
                var expected = places.First(place => ids.Count - place.Tokens <= most);
                tokenizer.GetIndexByTokenCountFromEnd(text, most, out var count).ShouldBe(expected.Index, $"{most} of {ids.Count}");
                count.ShouldBe(ids.Count - expected.Tokens);
            }
        }

        IEnumerable<int> Some(int below) => Enumerable.Range(0, 40).Select(_ => random.Next(below));
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void A_beginning_counted_by_itself_has_no_more_tokens(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        foreach (var text in Texts.Random(seed: 8, count: 700))
            for (var most = 0; most < 20; most++)
            {
                var index = tokenizer.GetIndexByTokenCount(text, most, out var count);
                tokenizer.CountTokens(text.AsSpan(0, index)).ShouldBeLessThanOrEqualTo(count, $"{most} of {Texts.Show(text)}");
            }
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void A_mark_stays_with_its_letter_and_a_joiner_holds(string encoding)
    {
        const string text = "ne\u0301 \U0001F468\u200D\U0001F469\u200D\U0001F467 re\u0301sume\u0301 e\u0301\u0323\u0301. \u0928\u092E\u0938\u094D\u0924\u0947!";
        var tokenizer = Tokenizer.ForEncoding(encoding);
        for (var most = 0; most < 60; most++)
        {
            ShouldBeWhole(tokenizer.GetIndexByTokenCount(text, most, out var count));
            count.ShouldBeLessThanOrEqualTo(most);
            ShouldBeWhole(tokenizer.GetIndexByTokenCountFromEnd(text, most, out count));
            count.ShouldBeLessThanOrEqualTo(most);
        }

        static void ShouldBeWhole(int index) =>
            new System.Globalization.StringInfo(text[..index]).LengthInTextElements.ShouldBe(
                new System.Globalization.StringInfo(text).LengthInTextElements - new System.Globalization.StringInfo(text[index..]).LengthInTextElements, $"{index}");
    }

    [Fact]
    public void A_sequence_without_an_end_is_cut_all_the_same()
    {
        var text = "e" + new string('\u0301', 5_000);

        O200k.GetIndexByTokenCount(text, 1_000, out var count).ShouldBeGreaterThan(900);
        count.ShouldBeInRange(900, 1_000);
    }

    private static bool HasSequences(string text) =>
        text.EnumerateRunes().Any(rune => rune.Value == 0x200D || (DataFiles.ClassOf(rune.Value) & CharClass.Mark) != 0);

    /// <summary>Every place where a token and a character end together, with the number of tokens before it.</summary>
    private static List<(int Index, int Tokens)> Places(Tokenizer tokenizer, string text, IReadOnlyList<int> ids)
    {
        var indexOfByte = new Dictionary<int, int> { [0] = 0 };
        for (int index = 0, bytes = 0; index < text.Length;)
        {
            var whole = System.Text.Rune.TryGetRuneAt(text, index, out var rune);
            bytes += whole ? rune.Utf8SequenceLength : 3;
            index += whole ? rune.Utf16SequenceLength : 1;
            indexOfByte[bytes] = index;
        }

        var places = new List<(int, int)> { (0, 0) };
        for (int token = 0, bytes = 0; token < ids.Count; token++)
        {
            bytes += tokenizer.Vocabulary.LengthOf(ids[token]);
            if (indexOfByte.TryGetValue(bytes, out var index))
                places.Add((index, token + 1));
        }

        return places;
    }
}

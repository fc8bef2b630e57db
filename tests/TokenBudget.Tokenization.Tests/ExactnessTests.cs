namespace TokenBudget.Tokenization.Tests;

/// <summary>Agreement with tiktoken.</summary>
public sealed class ExactnessTests
{
    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void The_golden_strings_have_the_ids_of_tiktoken(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        foreach (var row in Golden.Rows)
        {
            var expected = Golden.IdsOf(row, encoding);
            tokenizer.EncodeToIds(row.Text).ShouldBe(expected, Texts.Show(row.Text));
            tokenizer.CountTokens(row.Text).ShouldBe(expected.Length, Texts.Show(row.Text));
        }
    }

    [SharedDataTheory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void Every_recorded_string_has_the_recorded_ids(string encoding) => Agrees(encoding, RecordedStrings.Short(encoding), atLeast: 1_400);

    [SharedDataTheory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void Every_recorded_document_has_the_recorded_ids(string encoding) => Agrees(encoding, RecordedStrings.Documents(encoding), atLeast: 18);

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void Random_strings_have_the_pieces_and_ids_of_the_plain_reference(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        var reference = new ReferenceTokenizer(encoding);
        tokenizer.ForgetCounts();
        foreach (var text in Texts.Random(seed: 20261121, count: Encodings.Nightly ? 120_000 : 10_000))
        {
            // Pieces too: where no token crosses a wrong end, the ids alone would not show it.
            Pieces.Of(encoding, text).ShouldBe(reference.Split(text), Texts.Show(text));
            var expected = reference.Encode(text);
            tokenizer.EncodeToIds(text).ShouldBe(expected, Texts.Show(text));
            tokenizer.CountTokens(text).ShouldBe(expected.Count, Texts.Show(text));
            tokenizer.CountTokens(text).ShouldBe(expected.Count, "the second time, " + Texts.Show(text));
        }
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void Every_code_point_is_split_and_counted_as_the_plain_reference_does(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        var reference = new ReferenceTokenizer(encoding);
        tokenizer.ForgetCounts();

        // A step keeps the quick run quick, but every block of the class table is visited. Planes 4 to 13 have no characters.
        for (var codePoint = 0; codePoint < 0x110000; codePoint += Encodings.Nightly ? 1 : 61)
        {
            if (codePoint == 0x40000)
                codePoint = 0xE0000;
            var character = codePoint is >= 0xD800 and <= 0xDFFF ? ((char)codePoint).ToString() : char.ConvertFromUtf32(codePoint);
            foreach (var text in (string[])[$"aB{character}Cd {character}{character}!{character}", $" {character}", $"it'{character} x\n{character}1{character}"])
            {
                // By hand: three hundred thousand messages for failures that do not happen would take most of the time.
                var pieces = reference.Split(text);
                if (!Pieces.Of(encoding, text).SequenceEqual(pieces))
                    Pieces.Of(encoding, text).ShouldBe(pieces, Texts.Show(text));
                var expected = pieces.Sum(reference.CountPiece);
                if (tokenizer.CountTokens(text) != expected || tokenizer.CountTokens(text) != expected)
                    tokenizer.CountTokens(text).ShouldBe(expected, Texts.Show(text));
            }
        }
    }

    [Theory]
    [InlineData(Encodings.O200k, 12_500)]
    [InlineData(Encodings.Cl100k, 12_500)]
    public void A_word_of_a_hundred_thousand_letters_is_one_piece_and_is_counted(string encoding, int expected)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        var text = new string('a', 100_000);

        tokenizer.CountTokens(text).ShouldBe(expected);
        tokenizer.Decode(tokenizer.EncodeToIds(text)).ShouldBe(text);
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void Long_and_short_pieces_are_merged_alike(string encoding)
    {
        // The lengths straddle the one at which the way of merging changes.
        var tokenizer = Tokenizer.ForEncoding(encoding);
        var reference = new ReferenceTokenizer(encoding);
        var random = new Random(7);
        for (var length = 100; length < 160; length++)
        {
            var text = string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(random.Next(1, 26)))));
            tokenizer.EncodeToIds(text).ShouldBe(reference.Encode(text), text);
        }
    }

    private static void Agrees(string encoding, IEnumerable<RecordedStrings.Row> rows, int atLeast)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        var seen = 0;
        foreach (var row in rows)
        {
            seen++;
            var ids = tokenizer.EncodeToIds(row.Text);
            tokenizer.CountTokens(row.Text).ShouldBe(row.Count, row.Id);
            ids.Count.ShouldBe(row.Count, row.Id);
            if (row.Ids is not null)
                ids.ShouldBe(row.Ids, row.Id);
            else
                RecordedStrings.Sha256Of(ids).ShouldBe(row.IdsSha256.ShouldNotBeNull(), row.Id);
        }

        seen.ShouldBeGreaterThanOrEqualTo(atLeast);
    }
}

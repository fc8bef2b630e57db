namespace TokenBudget.Tokenization.Tests;

/// <summary>What the public operations promise.</summary>
public sealed class TokenizerTests
{
    private static readonly Tokenizer O200k = Tokenizer.ForEncoding(Encodings.O200k);

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void An_encoding_is_found_by_its_name_and_is_always_the_same_instance(string encoding)
    {
        Tokenizer.ForEncoding(encoding).EncodingName.ShouldBe(encoding);
        Tokenizer.ForEncoding(encoding).ShouldBeSameAs(Tokenizer.ForEncoding(encoding));
    }

    [Theory]
    [InlineData("p50k_base")]
    [InlineData("O200K_BASE")]
    [InlineData("")]
    public void An_unknown_encoding_is_an_error_that_names_it_and_the_choices(string name)
    {
        var error = Should.Throw<ArgumentException>(() => Tokenizer.ForEncoding(name));

        error.Message.ShouldContain($"'{name}'");
        error.Message.ShouldContain("'o200k_base' or 'cl100k_base'");
    }

    [Theory]
    [InlineData("gpt-4o", Encodings.O200k)]
    [InlineData("gpt-4o-mini-2024-07-18", Encodings.O200k)]
    [InlineData("GPT-4o", Encodings.O200k)]
    [InlineData("chatgpt-4o-latest", Encodings.O200k)]
    [InlineData("gpt-4.1", Encodings.O200k)]
    [InlineData("gpt-4.1-nano", Encodings.O200k)]
    [InlineData("gpt-4.5-preview", Encodings.O200k)]
    [InlineData("gpt-5", Encodings.O200k)]
    [InlineData("gpt-5-mini", Encodings.O200k)]
    [InlineData("gpt-5.1", Encodings.O200k)]
    [InlineData("gpt-oss-120b", Encodings.O200k)]
    [InlineData("o1-preview", Encodings.O200k)]
    [InlineData("o3", Encodings.O200k)]
    [InlineData("o4-mini", Encodings.O200k)]
    [InlineData("openai/gpt-4o", Encodings.O200k)]
    [InlineData("ft:gpt-4o-mini:acme::abc", Encodings.O200k)]
    [InlineData("ft:gpt-3.5-turbo:acme", Encodings.Cl100k)]
    [InlineData("gpt-4", Encodings.Cl100k)]
    [InlineData("gpt-4-turbo-2024-04-09", Encodings.Cl100k)]
    [InlineData("gpt-3.5-turbo-0125", Encodings.Cl100k)]
    [InlineData("gpt-35-turbo", Encodings.Cl100k)]
    [InlineData("text-embedding-3-small", Encodings.Cl100k)]
    [InlineData("text-embedding-3-large", Encodings.Cl100k)]
    [InlineData("text-embedding-ada-002", Encodings.Cl100k)]
    public void A_model_of_OpenAI_has_its_encoding(string model, string encoding)
    {
        Tokenizer.ForModel(model).EncodingName.ShouldBe(encoding);
        Tokenizer.TryForModel(model, out var tokenizer).ShouldBeTrue();
        tokenizer.EncodingName.ShouldBe(encoding);
    }

    [Theory]
    [InlineData("claude-sonnet-4-5")]
    [InlineData("gemini-2.5-pro")]
    [InlineData("gpt-4.7")]
    [InlineData("gpt-50")]
    [InlineData("gpt-5.x")]
    [InlineData("o11")]
    [InlineData("o1pro")]
    [InlineData("text-embedding-4")]
    [InlineData("")]
    public void An_unknown_model_is_an_error_that_says_what_to_do(string model)
    {
        Tokenizer.TryForModel(model, out var tokenizer).ShouldBeFalse();
        tokenizer.ShouldBeNull();

        var error = Should.Throw<ArgumentException>(() => Tokenizer.ForModel(model));
        error.Message.ShouldContain($"'{model}'");
        error.Message.ShouldContain("Tokenizer.ForEncoding(\"o200k_base\")");
    }

    [Fact]
    public void Null_is_refused_everywhere()
    {
        Should.Throw<ArgumentNullException>(() => Tokenizer.ForEncoding(null!)).ParamName.ShouldBe("name");
        Should.Throw<ArgumentNullException>(() => Tokenizer.ForModel(null!)).ParamName.ShouldBe("modelId");
        Should.Throw<ArgumentNullException>(() => O200k.CountTokens((string)null!)).ParamName.ShouldBe("text");
        Should.Throw<ArgumentNullException>(() => O200k.CountTokens((string)null!, 1)).ParamName.ShouldBe("text");
        Should.Throw<ArgumentNullException>(() => O200k.EncodeToIds((string)null!)).ParamName.ShouldBe("text");
        Should.Throw<ArgumentNullException>(() => O200k.GetIndexByTokenCount((string)null!, 1, out _)).ParamName.ShouldBe("text");
        Should.Throw<ArgumentNullException>(() => O200k.GetIndexByTokenCountFromEnd((string)null!, 1, out _)).ParamName.ShouldBe("text");
        Should.Throw<ArgumentNullException>(() => O200k.Decode(null!)).ParamName.ShouldBe("ids");
    }

    [Fact]
    public void A_negative_number_of_tokens_is_refused_by_its_name()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => O200k.CountTokens("a", -1)).ParamName.ShouldBe("limit");
        Should.Throw<ArgumentOutOfRangeException>(() => O200k.GetIndexByTokenCount("a", -1, out _)).ParamName.ShouldBe("maxTokenCount");
        Should.Throw<ArgumentOutOfRangeException>(() => O200k.GetIndexByTokenCountFromEnd("a", -1, out _)).ParamName.ShouldBe("maxTokenCount");
    }

    [Fact]
    public void An_empty_text_has_no_tokens()
    {
        O200k.CountTokens("").ShouldBe(0);
        O200k.CountTokens(default(ReadOnlySpan<char>)).ShouldBe(0);
        O200k.CountTokens("", 0).ShouldBe(0);
        O200k.EncodeToIds("").ShouldBeEmpty();
        O200k.Decode([]).ShouldBe("");
        O200k.GetIndexByTokenCount("", 5, out var count).ShouldBe(0);
        count.ShouldBe(0);
        O200k.GetIndexByTokenCountFromEnd("", 5, out count).ShouldBe(0);
        count.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void Decoding_the_ids_of_a_text_gives_the_text(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        foreach (var text in Texts.Random(seed: 1, count: 2_000))
            tokenizer.Decode(tokenizer.EncodeToIds(text)).ShouldBe(Repaired(text), Texts.Show(text));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(199_998)]
    [InlineData(199_999)]
    [InlineData(int.MaxValue)]
    public void An_id_that_is_no_token_is_an_error_that_names_it(int id)
    {
        var error = Should.Throw<ArgumentOutOfRangeException>(() => O200k.Decode([15339, id]));

        error.ParamName.ShouldBe("ids");
        error.Message.ShouldContain($"{id} is not a token of o200k_base, whose ids are 0 to 199997");
    }

    [Fact]
    public void Every_token_can_be_decoded()
    {
        O200k.Decode([199_997]).ShouldNotBeEmpty();
        O200k.Decode(Enumerable.Range(0, 199_998)).Length.ShouldBeGreaterThan(199_998);
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void A_string_and_a_span_within_another_text_are_treated_alike(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        foreach (var text in Texts.Random(seed: 2, count: 500))
        {
            // What surrounds a span must not be looked at: a word, white space or half a surrogate pair would change the end.
            var span = ("\uD83Dn't " + text + "\uDE00's  ").AsSpan(5, text.Length);
            tokenizer.CountTokens(span).ShouldBe(tokenizer.CountTokens(text), Texts.Show(text));
            tokenizer.CountTokens(span, 3).ShouldBe(tokenizer.CountTokens(text, 3));
            tokenizer.EncodeToIds(span).ShouldBe(tokenizer.EncodeToIds(text));
            tokenizer.GetIndexByTokenCount(span, 3, out var count).ShouldBe(tokenizer.GetIndexByTokenCount(text, 3, out var expected));
            count.ShouldBe(expected);
            tokenizer.GetIndexByTokenCountFromEnd(span, 3, out count).ShouldBe(tokenizer.GetIndexByTokenCountFromEnd(text, 3, out expected));
            count.ShouldBe(expected);
        }
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void A_count_with_a_limit_is_the_count_or_one_more_than_the_limit(string encoding)
    {
        var tokenizer = Tokenizer.ForEncoding(encoding);
        foreach (var text in Texts.Random(seed: 3, count: 600))
        {
            var count = tokenizer.CountTokens(text);
            foreach (var limit in (int[])[0, 1, 2, 5, count - 1, count, count + 1, int.MaxValue])
                if (limit >= 0)
                    tokenizer.CountTokens(text, limit).ShouldBe(count <= limit ? count : limit + 1, $"limit {limit} of {Texts.Show(text)}");
        }
    }

    [Fact]
    public void A_limit_is_kept_on_long_texts_of_many_pieces_and_of_one()
    {
        var words = string.Concat(Enumerable.Repeat("token ", 20_000));
        O200k.CountTokens(words, 100).ShouldBe(101);
        O200k.CountTokens(words, 19_999).ShouldBe(20_000);
        O200k.CountTokens(words, 50_000).ShouldBe(O200k.CountTokens(words));

        var word = new string('a', 100_000);
        O200k.CountTokens(word, 100).ShouldBe(101);
        O200k.CountTokens(word, 12_499).ShouldBe(12_500);
        O200k.CountTokens(word, 12_500).ShouldBe(12_500);
    }

    [Fact]
    public void Many_threads_get_the_counts_of_one()
    {
        var texts = Texts.Random(seed: 4, count: 400).Append(new string('b', 3_000)).ToArray();
        var expected = texts.Select(text => O200k.CountTokens(text)).ToArray();

        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => texts.Select(text => O200k.CountTokens(text)).ShouldBe(expected));
    }

    private static string Repaired(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}

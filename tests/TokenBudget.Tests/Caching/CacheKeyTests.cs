using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;

namespace TokenBudget.Tests.Caching;

public sealed class CacheKeyTests
{
    private static CacheKey Key(Action<CacheKeyBuilder> add)
    {
        using var builder = new CacheKeyBuilder();
        add(builder);
        return builder.Build();
    }

    private static CacheKey Key(params ChatMessage[] messages) => Key(builder => builder.AddMessages(messages));

    private static CacheKey Key(ChatOptions options) => Key(builder => builder.TryAddOptions(options).ShouldBeTrue());

    [Fact]
    public void A_key_is_compared_by_its_bytes()
    {
        var bytes = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var key = new CacheKey(bytes);
        key.ShouldBe(new CacheKey(bytes));
        key.ToString().ShouldBe("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        var copy = new byte[32];
        key.CopyTo(copy);
        copy.ShouldBe(bytes);
        for (var i = 0; i < 32; i++)
        {
            var other = (byte[])bytes.Clone();
            other[i] ^= 0x80;
            (new CacheKey(other) == key).ShouldBeFalse();
        }

        Should.Throw<ArgumentException>(() => new CacheKey(new byte[31]));
    }

    // Pins the layout: a change here must come with another number in the page's mark, or stored answers of an older build are taken for this one's.
    [Fact]
    public void The_layout_does_not_change_without_its_version() => Key(builder =>
    {
        builder.Add(new CacheEntryInfo { Agent = "agent", Method = "method", Scope = "tenant" });
        builder.TryAddOptions(new ChatOptions
        {
            ModelId = "m", Instructions = "i", Temperature = 0.5f, MaxOutputTokens = 1, TopP = 0.25f, TopK = 2, FrequencyPenalty = 3, PresencePenalty = 4, Seed = 5,
            Reasoning = new() { Effort = ReasoningEffort.Low, Output = ReasoningOutput.Full }, StopSequences = ["s"], AllowMultipleToolCalls = true,
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse("""{"b":[1,true,null],"a":"t"}""").RootElement, "n", "d"),
            ToolMode = ChatToolMode.RequireSpecific("f"), AdditionalProperties = new() { ["x"] = 1, ["y"] = "2", ["z"] = 0.5 },
            Tools = [CacheKeyOptionsTests.Tool("f", "about", """{"type":"object"}""", strict: true), new HostedFileSearchTool { MaximumResultCount = 3 }],
        });
        builder.AddMessages(RequestSamples.Contents().Select(content => new ChatMessage(ChatRole.User, [content]) { AuthorName = "a" }));
        builder.Add("long", new string('é', 30_000));
        builder.AddBytes("bytes", new byte[40_000]);
        builder.Add("whole", -1L);
        builder.Add("real", 1.5);
        builder.Add("truth", true);
        builder.Add("none", (string?)null);
    }).ToString().ShouldBe("46fdef06cc9550f7ac4cac40c528c4d5f7111b1c33b8b3b7faaf55fbae200803");

    [Fact]
    public void Text_does_not_slide_between_fields()
    {
        Key(b => { b.Add("x", "a|b"); b.Add("x", ""); }).ShouldNotBe(Key(b => { b.Add("x", "a"); b.Add("x", "|b"); }));
        Key(new ChatMessage(ChatRole.User, "a|b")).ShouldNotBe(Key(new ChatMessage(ChatRole.User, "a"), new ChatMessage(ChatRole.User, "|b")));
        Key(new ChatMessage(ChatRole.User, [new TextContent("a"), new TextContent("b")])).ShouldNotBe(Key(new ChatMessage(ChatRole.User, "ab")));
        Key(b => b.Add("xa", "b")).ShouldNotBe(Key(b => b.Add("x", "ab")));
    }

    [Fact]
    public void Null_is_not_empty_and_kinds_differ()
    {
        var keys = new[]
        {
            Key(b => b.Add("x", (string?)null)), Key(b => b.Add("x", "")), Key(b => b.Add("x", 0L)), Key(b => b.Add("x", 0.0)), Key(b => b.Add("x", false)),
            Key(b => b.AddBytes("x", [])), Key(b => b.Add("x", "0")), Key(b => b.AddValue("x", 0)), Key(b => b.AddValue("x", 0L)), Key(b => b.AddValue("x", "0")),
            Key(b => b.TryAddOptions(null)), Key(b => b.TryAddOptions(new ChatOptions())), Key(b => b.AddMessages([])), Key(_ => { }),
        };
        keys.Distinct().Count().ShouldBe(keys.Length);
    }

    [Fact]
    public void Lone_surrogates_are_not_confused()
    {
        var keys = new[] { "\uD800", "\uD801", "\uDC00", "\uFFFD", "a\uD800", "\uD800a", "😀", "\uDE00\uD83D" }.Select(text => Key(b => b.Add("x", text))).ToList();
        keys.Distinct().Count().ShouldBe(keys.Count);
    }

    [Fact]
    public void Text_of_any_length_around_the_buffer_is_hashed_whole()
    {
        var seen = new HashSet<CacheKey>();
        for (var length = 1900; length < 2200; length++)
        {
            seen.Add(Key(b => { b.Add("x", new string('a', length)); b.Add("y", 1L); })).ShouldBeTrue();
            seen.Add(Key(b => { b.Add("x", new string('é', length)); b.AddBytes("y", new byte[5000]); })).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_text_that_crosses_pages_has_one_key_whatever_is_remembered_and_each_change_another()
    {
        var digests = new KeyDigests();
        var random = new Random(5);
        var keys = new HashSet<CacheKey>();
        foreach (var length in (int[])[600, 1_023, 1_024, 1_025, 5_400, 16_000, 17_000, 60_000])
            for (var i = 0; i < 12; i++)
            {
                var characters = Enumerable.Range(0, length).Select(_ => (char)random.Next(32, 127)).ToArray();
                // Halves of pairs, alone and in pairs, where the text is cut as well.
                if (i % 4 == 1)
                    characters[random.Next(length)] = '\uD83D';
                if (i % 4 == 2)
                    characters[random.Next(length)] = '\uFFFD';
                if (i % 4 == 3 && length > 1_024)
                    (characters[1_023], characters[1_024]) = ('\uD83D', '\uDE00');
                var text = new string(characters);
                var plain = Key(builder => builder.Add("text", text));
                for (var again = 0; again < 2; again++)
                {
                    using var remembering = new CacheKeyBuilder(digests);
                    remembering.Add("text", new string(characters));
                    remembering.Build().ShouldBe(plain);
                }

                keys.Add(plain).ShouldBeTrue();
                var place = random.Next(length);
                characters[place] = characters[place] == '\uD83D' ? '\uFFFD' : (char)(characters[place] + 1);
                using var other = new CacheKeyBuilder(digests);
                other.Add("text", new string(characters));
                keys.Add(other.Build()).ShouldBeTrue();
            }
    }

    [Fact]
    public void JSON_in_one_spelling_sorted_and_unsorted_is_told_apart_when_remembered()
    {
        var digests = new KeyDigests();
        var one = JsonDocument.Parse("""{"b":1,"a":2}""").RootElement;
        var two = JsonDocument.Parse("""{"a":2,"b":1}""").RootElement;
        CacheKey Of(JsonElement json, bool sortKeys)
        {
            using var builder = new CacheKeyBuilder(digests);
            builder.AddJson("x", json, sortKeys);
            return builder.Build();
        }

        for (var again = 0; again < 2; again++)
        {
            Of(one, true).ShouldBe(Of(two, true));
            Of(one, false).ShouldNotBe(Of(two, false));
            Of(one, false).ShouldNotBe(Of(one, true));
        }
    }

    [Fact]
    public void Bytes_of_any_length_count()
    {
        var keys = new HashSet<CacheKey>();
        foreach (var length in (int[])[0, 31, 32, 33, 4_095, 4_096, 4_097, 100_000])
            foreach (var last in (byte[])[0, 1])
            {
                var bytes = new byte[length];
                if (length > 0)
                    bytes[^1] = last;
                keys.Add(Key(builder => builder.AddBytes("data", bytes)));
            }

        keys.Count.ShouldBe(15);
    }

    [Fact]
    public void A_builder_is_as_new_after_each_key()
    {
        using var builder = new CacheKeyBuilder();
        builder.Add("x", "1");
        var first = builder.Build();
        builder.TryAddOptions(new ChatOptions { RawRepresentationFactory = _ => null }).ShouldBeFalse();
        builder.TryBuild(out var none).ShouldBeFalse();
        none.ShouldBe(default);
        builder.Add("x", "1");
        builder.Build().ShouldBe(first);
    }

    [Fact]
    public void The_scope_the_agent_and_the_method_partition()
    {
        var info = new CacheEntryInfo { Agent = "a", Method = "m" };
        var keys = new[] { info, info with { Scope = "" }, info with { Scope = "t" }, info with { Agent = "b" }, info with { Method = "n" } }
            .Select(one => Key(b => b.Add(one))).ToList();
        keys.Distinct().Count().ShouldBe(keys.Count);
    }

    [Fact]
    public void Equal_messages_built_differently_have_one_key()
    {
        var built = new ChatMessage(ChatRole.Assistant, [
            new TextContent("hi") { RawRepresentation = new object() },
            new FunctionCallContent("c1", "f", new Dictionary<string, object?>
            {
                ["a"] = 1, ["b"] = new Dictionary<string, object?> { ["y"] = true, ["x"] = "s" }, ["n"] = null,
            }),
        ])
        { MessageId = "m1", CreatedAt = DateTimeOffset.UnixEpoch, RawRepresentation = new object() };
        var read = new ChatMessage(new ChatRole("assistant"), (IList<AIContent>)[
            new TextContent("hi"),
            new FunctionCallContent("c1", "f", new Dictionary<string, object?>
            {
                ["n"] = JsonDocument.Parse("null").RootElement,
                ["b"] = JsonDocument.Parse("""{ "x" : "s", "y": true }""").RootElement,
                ["a"] = JsonNode.Parse("1"),
            }),
        ]);
        Key(built).ShouldBe(Key(read));
    }

    [Fact]
    public void A_message_that_went_through_JSON_keeps_its_key()
    {
        // A result that was a text is a JSON string after reading, and clients send the two differently.
        foreach (var content in RequestSamples.Contents().Where(content => content is not FunctionResultContent))
        {
            var message = new ChatMessage(ChatRole.User, [content]);
            var json = JsonSerializer.Serialize(message, AIJsonUtilities.DefaultOptions);
            var read = JsonSerializer.Deserialize<ChatMessage>(json, AIJsonUtilities.DefaultOptions);
            Key(read!).ShouldBe(Key(message), content.GetType().Name);
        }
    }

    [Fact]
    public void Every_kind_of_content_and_every_member_of_it_counts()
    {
        var keys = new Dictionary<CacheKey, string>();
        foreach (var (name, content) in RequestSamples.ContentVariants())
            keys.TryAdd(Key(new ChatMessage(ChatRole.User, [content])), name).ShouldBeTrue(name);
    }

    [Fact]
    public void Every_content_type_of_the_library_has_a_sample()
    {
        var sampled = RequestSamples.Contents().Select(content => content.GetType()).ToHashSet();
        typeof(AIContent).Assembly.GetExportedTypes()
            .Where(type => type.IsSubclassOf(typeof(AIContent)) && type.GetConstructors().Length > 0 && !sampled.Contains(type))
            .Select(type => type.Name).ShouldBeEmpty();
    }

    [Fact]
    public void Content_that_is_written_without_a_look_at_its_exact_type_has_no_subclass() =>
        new[] { typeof(TextContent), typeof(TextReasoningContent), typeof(ToolApprovalRequestContent), typeof(ToolApprovalResponseContent), typeof(HostedFileContent) }
            .ShouldAllBe(type => type.IsSealed);

    [Fact]
    public void Content_of_an_unknown_type_counts_by_all_it_shows()
    {
        Key(new ChatMessage(ChatRole.User, [new OwnContent { Value = 1 }])).ShouldNotBe(Key(new ChatMessage(ChatRole.User, [new OwnContent { Value = 2 }])));
        using var builder = new CacheKeyBuilder();
        builder.Add(new ChatMessage(ChatRole.User, [new BrokenContent()]));
        builder.NotCacheableReason!.ShouldContain(nameof(BrokenContent));
        builder.TryBuild(out _).ShouldBeFalse();
    }

    [Fact]
    public void Message_ids_times_and_raw_forms_do_not_count()
    {
        var message = new ChatMessage(ChatRole.User, "x");
        Key(new ChatMessage(ChatRole.User, "x") { MessageId = "1", CreatedAt = DateTimeOffset.UnixEpoch, RawRepresentation = 5 }).ShouldBe(Key(message));
        Key(new ChatMessage(ChatRole.User, "x") { AuthorName = "bob" }).ShouldNotBe(Key(message));
        Key(new ChatMessage(ChatRole.System, "x")).ShouldNotBe(Key(message));
    }

    [Fact]
    public void A_text_result_is_not_the_JSON_string()
    {
        static CacheKey Result(object value) => Key(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c", value)]));
        Result("5").ShouldNotBe(Result(JsonDocument.Parse("\"5\"").RootElement));
        Result(5).ShouldBe(Result(JsonDocument.Parse("5").RootElement));
        Result(new { b = 1, a = 2 }).ShouldBe(Result(JsonDocument.Parse("""{"a":2,"b":1}""").RootElement));
    }

    [Fact]
    public void The_order_of_a_schema_counts_but_its_whitespace_does_not()
    {
        static ChatOptions Format(string json) => new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse(json).RootElement, "s") };
        var key = Key(Format("""{"properties":{"why":{},"answer":{}}}"""));
        Key(Format("""{ "properties" : { "why": {}, "answer": {} } }""")).ShouldBe(key);
        Key(Format("""{"properties":{"answer":{},"why":{}}}""")).ShouldNotBe(key);
    }

    public static TheoryData<object> HiddenStates => [new Hidden(5), new[] { new Hidden(5) }, new { part = new Hidden(5) }, new List<(int, int)> { (1, 2) }, new Dictionary<string, object> { ["a"] = (1, 2) }];

    [Theory]
    [MemberData(nameof(HiddenStates))]
    public void A_value_that_hides_its_state_or_a_part_of_it_is_not_cacheable(object value)
    {
        using var builder = new CacheKeyBuilder();
        builder.TryAddOptions(new ChatOptions { AdditionalProperties = new() { ["x"] = value } }).ShouldBeFalse();
        builder.NotCacheableReason!.ShouldContain("shows nothing");
    }

    public static TheoryData<object> PlainStates => [new Dictionary<string, int>(), new[] { 1 }, Array.Empty<string>(), new { part = new[] { 1 } }, JsonDocument.Parse("""{"a":{}}""").RootElement];

    [Theory]
    [MemberData(nameof(PlainStates))]
    public void A_value_that_shows_all_of_it_is_cacheable(object value) =>
        Key(new ChatOptions { AdditionalProperties = new() { ["x"] = value } }).ShouldBe(Key(new ChatOptions { AdditionalProperties = new() { ["x"] = value } }));

    public sealed class OwnContent : AIContent
    {
        public int Value { get; set; }
    }

    public sealed class BrokenContent : AIContent
    {
        public int Value => throw new InvalidTimeZoneException("no");
    }

    private sealed class Hidden(int state)
    {
        public override string ToString() => $"{state}";
    }
}

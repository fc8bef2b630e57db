using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Tests.Counting;

/// <summary>Pictures and files cost what the provider publishes, whatever their bytes weigh.</summary>
public sealed class MediaCountTests
{
    private const int Frame = MessageCounter.TokensPerMessage;

    private readonly ModelCounters _counters = new();

    private long Tokens(string model, AIContent content)
    {
        var counter = _counters.For(model);
        return counter.Calibration.ToProvider(counter.Messages.Count(new ChatMessage(ChatRole.User, [content])) - Frame);
    }

    [Theory]
    [InlineData("gpt-4o", 1_024, 1_024, 765)]
    [InlineData("gpt-4o", 2_048, 4_096, 1_105)]
    [InlineData("gpt-4o", 512, 512, 255)]
    [InlineData("gpt-4.1", 1_024, 1_024, 765)]
    [InlineData("gpt-4o-mini", 1_024, 1_024, 2_833 + (4 * 5_667))]
    [InlineData("gpt-5", 1_024, 1_024, 70 + (4 * 140))]
    [InlineData("o3", 1_024, 1_024, 75 + (4 * 150))]
    [InlineData("gpt-4.1-mini", 1_024, 1_024, 1_659)]
    [InlineData("gpt-4.1-mini", 1_800, 2_400, 2_353)]
    [InlineData("o4-mini", 1_024, 1_024, 1_762)]
    [InlineData("gpt-5-mini", 2_048, 768, 1_844)]
    [InlineData("gpt-5-nano", 1_024, 1_024, 1_536)]
    [InlineData("gpt-5.1", 1_024, 1_024, 70 + (4 * 140))]
    [InlineData("gpt-5.1-codex-mini", 1_024, 1_024, 1_229)]
    [InlineData("gpt-5.2", 768, 1_024, 922)]
    [InlineData("gpt-5.4-mini", 1_800, 2_400, 1_743)]
    [InlineData("gpt-5.4", 1_600, 1_600, 3_000)]
    [InlineData("gpt-5.4", 3_200, 960, 1_536)]
    [InlineData("gpt-5.5", 3_200, 3_200, 12_000)]
    [InlineData("gpt-5.6-sol", 4_800, 6_400, 36_000)]
    [InlineData("gpt-6-astra", 3_200, 960, 3_600)]
    [InlineData("gemini-2.5-pro", 384, 384, 258)]
    [InlineData("gemini-2.5-pro", 1_024, 1_024, 4 * 258)]
    [InlineData("gemini-2.5-pro", 960, 540, 6 * 258)]
    [InlineData("gemini-2.5-pro", 400, 10, 2 * 258)]
    [InlineData("gemini-2.5-pro", 20_000, 20_000, 16 * 258)]
    [InlineData("gemini-3-pro", 100, 100, 1_120)]
    public void A_picture_costs_what_its_size_does(string model, int width, int height, int expected) =>
        Tokens(model, new DataContent(Png(width, height), "image/png")).ShouldBeInRange(expected, expected + 1);

    // Counted with o200k_base and corrected by a ratio: rounding up twice is at most two more.
    [Theory]
    [InlineData("claude-sonnet-4-5", 200, 200, 64)]
    [InlineData("claude-sonnet-4-5", 1_000, 1_000, 1_296)]
    [InlineData("claude-sonnet-4-5", 1_092, 1_092, 1_521)]
    [InlineData("claude-sonnet-4-5", 1_920, 1_080, 1_560)]
    [InlineData("claude-sonnet-4-5", 4_000, 4_000, 1_521)]
    [InlineData("claude-sonnet-4-5", 3_136, 200, 224)]
    [InlineData("claude-sonnet-4-5", 100_000, 1, 56)]
    [InlineData("claude-opus-4-7", 1_920, 1_080, 2_691)]
    [InlineData("claude-opus-4-7", 3_840, 2_160, 4_784)]
    [InlineData("claude-sonnet-5", 3_024, 1_964, 4_760)]
    [InlineData("claude-opus-4-8", 4_032, 3_024, 4_740)]
    [InlineData("us.anthropic.claude-sonnet-4-20250514-v1:0", 1_080, 1_920, 1_560)]
    public void Anthropic_charges_by_squares(string model, int width, int height, int expected) =>
        Tokens(model, new DataContent(Png(width, height), "image/png")).ShouldBeInRange(expected, expected + 2);

    [Fact]
    public void Low_detail_costs_the_base()
    {
        var picture = new DataContent(Png(1_024, 1_024), "image/png") { AdditionalProperties = new() { ["detail"] = "low" } };
        Tokens("gpt-4o", picture).ShouldBe(85);
        Tokens("gpt-5.4", picture).ShouldBe(308, "16 × 16 patches");
        Tokens("gemini-3-pro", picture).ShouldBeInRange(280, 281);
    }

    [Theory]
    [InlineData("gpt-5.5", "high", 2_946)]
    [InlineData("gpt-5.6", "high", 2_946)]
    [InlineData("gpt-5.4", "original", 12_000)]
    [InlineData("gpt-5.5", "auto", 12_000)]
    [InlineData("gpt-5.6", "auto", 22_200)]
    [InlineData("gpt-5.6", "fine", 22_200)]
    [InlineData("gpt-5.2", "high", 1_815)]
    public void The_detail_that_was_asked_for_counts(string model, string detail, int most)
    {
        var picture = new DataContent(Png(4_000, 4_736), "image/png") { AdditionalProperties = new() { ["detail"] = detail } };
        Tokens(model, picture).ShouldBeInRange((long)(most * 0.95), most);
    }

    [Theory]
    [InlineData("gpt-4o", 85 + (8 * 170))]
    [InlineData("gpt-4.1-mini", 2_489)]
    [InlineData("claude-sonnet-4-5", 1_568)]
    [InlineData("claude-fable-5", 4_784)]
    [InlineData("gpt-5.4", 3_000)]
    [InlineData("gpt-5.6", 14_100)]
    [InlineData("gemini-2.5-flash", 16 * 258)]
    [InlineData("a-model-nobody-knows", 1_568)]
    public void A_picture_of_unknown_size_costs_the_most_there_is(string model, int expected)
    {
        Tokens(model, new UriContent("https://example.org/picture.png", "image/png")).ShouldBeInRange(expected, expected + 2);
        Tokens(model, new DataContent(new byte[100], "image/png")).ShouldBeInRange(expected, expected + 2);
    }

    public static TheoryData<string, byte[]> Headers() => new()
    {
        { "png", Png(640, 480) },
        { "gif", [.. "GIF89a"u8, 0x80, 0x02, 0xE0, 0x01] },
        { "jpeg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC4, 0, 3, 9, 0xFF, 0xFF, 0xC2, 0, 11, 8, 0x01, 0xE0, 0x02, 0x80, 3, 0, 0, 0] },
        { "webp", [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBPVP8 "u8, 0, 0, 0, 0, 0, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01] },
        { "webp", [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBPVP8L"u8, 0, 0, 0, 0, 0x2F, 0x7F, 0xC2, 0x77, 0, 0, 0, 0, 0, 0] },
        { "webp", [.. "RIFF"u8, 0, 0, 0, 0, .. "WEBPVP8X"u8, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 0x02, 0, 0xDF, 0x01, 0] },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void The_size_is_read_from_the_header(string format, byte[] data)
    {
        // 640 × 480 has 2 × 1 tiles.
        Tokens("gpt-4o", new DataContent(data, "image/" + format)).ShouldBe(85 + (2 * 170));
        for (var length = 0; length < data.Length; length++)
            Tokens("gpt-4o", new DataContent(data.AsMemory(0, length), "image/" + format)).ShouldBeGreaterThan(0, "a damaged picture is counted too");
    }

    [Theory]
    [InlineData("gpt-4o")]
    [InlineData("gpt-4.1-mini")]
    [InlineData("claude-opus-4-7")]
    [InlineData("gemini-2.5-pro")]
    public void Whatever_a_header_says_a_picture_costs_something_and_no_more_than_the_most(string model)
    {
        var random = new Random(20_251);
        byte[][] starts = [[0x89, .. "PNG"u8], [0xFF, 0xD8, 0xFF], [.. "GIF89a"u8], [.. "RIFF1234WEBPVP8 "u8], [.. "RIFF1234WEBPVP8L"u8], [.. "RIFF1234WEBPVP8X"u8], []];
        var most = Tokens(model, new UriContent("https://example.org/picture", "image/png"));
        for (var picture = 0; picture < 5_000; picture++)
        {
            var data = new byte[random.Next(64)];
            random.NextBytes(data);
            Tokens(model, new DataContent((byte[])[.. starts[picture % starts.Length], .. data], "image/png")).ShouldBeInRange(1, most);
        }
    }

    [Fact]
    public void A_pdf_costs_by_the_page()
    {
        var pdf = Encoding.Latin1.GetBytes("%PDF-1.7 1 0 obj <</Type /Pages /Count 2>> 2 0 obj <</Type /Page /Parent 1 0 R>> 3 0 obj <</Type/Page>>");
        Tokens("claude-sonnet-4-5", new DataContent(pdf, "application/pdf")).ShouldBe(2 * 3_000);
        Tokens("gemini-3-pro", new DataContent(pdf, "application/pdf")).ShouldBeInRange(2 * 560, (2 * 560) + 2);
        Tokens("gpt-4o", new DataContent(new byte[120_000], "application/pdf")).ShouldBe(3 * (765 + 700), "pages that cannot be seen are taken to have 50,000 bytes");
        Tokens("gpt-4o", new UriContent("https://example.org/a.pdf", "application/pdf")).ShouldBe(10 * (765 + 700));
    }

    [Fact]
    public void A_text_file_is_text_and_another_file_an_eighth_of_its_bytes()
    {
        Tokens("gpt-4o", new DataContent("hello world"u8.ToArray(), "text/plain")).ShouldBe(2);
        Tokens("gpt-4o", new DataContent("{}"u8.ToArray(), "application/json")).ShouldBe(1);
        Tokens("gpt-4o", new DataContent(new byte[80_000], "application/vnd.openxmlformats-officedocument.wordprocessingml.document")).ShouldBe(10_001);
        Tokens("gpt-4o", new DataContent(new byte[160_000], "audio/mpeg")).ShouldBe(321);
    }

    [Fact]
    public void Content_nobody_knows_costs_its_frame_and_what_is_never_sent_nothing()
    {
        Tokens("gpt-4o", new Strange()).ShouldBe(6);
        Tokens("gpt-4o", new UsageContent(new UsageDetails())).ShouldBe(0);
    }

    [Fact]
    public void Sealed_reasoning_costs_what_it_hides()
    {
        Tokens("gpt-4o", new TextReasoningContent(null) { ProtectedData = new string('x', 1_600) }).ShouldBe(300);
        Tokens("gpt-4o", new TextReasoningContent("hello world") { ProtectedData = new string('x', 1_600) }).ShouldBe(2);
    }

    [Theory]
    [InlineData("claude-3-haiku-20240307", 346)]
    [InlineData("claude-opus-4-20250514", 313)]
    [InlineData("claude-sonnet-4-5-20250929", 497)]
    [InlineData("claude-opus-4-7", 675)]
    [InlineData("anthropic.claude-opus-4-8", 290)]
    [InlineData("claude-sonnet-5", 354)]
    [InlineData("gemini-3-pro", 0)]
    [InlineData("a-model-nobody-knows", 0)]
    public void Anthropic_adds_a_text_of_its_own_once_there_are_tools(string model, int expected)
    {
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(static () => 1, "one", "gives one")] };
        var counter = _counters.For(model);
        var added = counter.Messages.Count(options) - _counters.For("gpt-4o").Messages.Count(options);
        counter.Calibration.ToProvider(added).ShouldBeInRange(expected, expected + 1);
        counter.Messages.Count(new ChatOptions { Tools = [] }).ShouldBe(0);
    }

    [Fact]
    public void A_result_that_cannot_be_serialized_does_not_fail_the_count()
    {
        var counter = _counters.For("gpt-4o").Messages;
        counter.Count(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", new Func<int>(static () => 1))])).ShouldBeGreaterThan(Frame);
    }

    private static byte[] Png(int width, int height)
    {
        byte[] data = [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, .. new byte[17]];
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(20), height);
        return data;
    }

    private sealed class Strange : AIContent;
}

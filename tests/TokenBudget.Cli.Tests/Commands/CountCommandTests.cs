using System.Text;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class CountCommandTests : IDisposable
{
    private readonly CommandLine _cli = new();

    [Fact]
    public async Task Each_file_has_its_count_and_several_have_a_total()
    {
        var one = _cli.Write("one.txt", "hello world");
        var two = _cli.Write("two.txt", [0xEF, 0xBB, 0xBF, .. "hello"u8]);

        var (exitCode, output, error) = await _cli.RunAsync("count", one, two);

        exitCode.ShouldBe(0, error);
        output.ReplaceLineEndings("\n").ShouldBe($"         2 {one}\n         1 {two}\n         3 total\n");
    }

    [Theory]
    [InlineData("o200k_base", 7)]
    [InlineData("cl100k_base", 14)]
    public async Task The_encoding_can_be_named(string encoding, int expected)
    {
        var file = _cli.Write("text.txt", "Запуск агента завершён успешно");

        (await _cli.RunAsync("count", "--encoding", encoding, file)).Out.ShouldBe($"{expected,10} {file}{Environment.NewLine}");
    }

    [Fact]
    public async Task A_model_has_its_own_encoding_and_one_without_a_public_tokenizer_is_estimated_aloud()
    {
        var file = _cli.Write("text.txt", "Запуск агента завершён успешно");

        var exact = await _cli.RunAsync("count", "--model", "gpt-4", file);
        var estimate = await _cli.RunAsync("count", "--model", "claude-sonnet-4-5", file);

        exact.Out.ShouldBe($"{14,10} {file}{Environment.NewLine}");
        exact.Error.ShouldBeEmpty();
        estimate.ExitCode.ShouldBe(0);
        estimate.Error.ShouldContain("claude-sonnet-4-5 has no public tokenizer");
    }

    [Fact]
    public async Task A_dash_is_standard_input()
    {
        var (exitCode, output, _) = await _cli.RunWithInputAsync(Encoding.UTF8.GetBytes("hello world"), "count", "-");

        exitCode.ShouldBe(0);
        output.ShouldBe($"         2 -{Environment.NewLine}");
    }

    [Fact]
    public async Task A_file_that_is_missing_or_not_utf8_is_named_and_the_rest_is_counted()
    {
        var latin1 = _cli.Write("latin1.txt", [.. "caf"u8, 0xE9, .. " au lait"u8]);
        var missing = _cli.PathOf("missing.txt");
        var good = _cli.Write("good.txt", "hello");

        var (exitCode, output, error) = await _cli.RunAsync("count", latin1, missing, good);

        exitCode.ShouldBe(1);
        error.ShouldContain($"{latin1}: not UTF-8: byte 0xE9 at offset 3.");
        error.ShouldContain($"{missing}: ");
        output.ReplaceLineEndings("\n").ShouldBe($"         1 {good}\n         1 total\n");
    }

    [Fact]
    public async Task A_field_of_each_line_is_counted()
    {
        var file = _cli.Write("chat.jsonl", """
            {"id":1,"message":{"content":"hello world"}}

            {"id":2,"message":{"content":"hello\u2028world"},"parts":["a"]}
            {"id":3,"message":{"content":[1,2]}}

            """.ReplaceLineEndings("\n"));

        var (exitCode, output, error) = await _cli.RunAsync("count", "--jsonl", "message.content", file);

        exitCode.ShouldBe(0, error);
        var lines = output.ReplaceLineEndings("\n").Split('\n');
        lines[0].ShouldBe($"         2 {file}:1");
        lines[1].ShouldEndWith($" {file}:3");
        lines[2].ShouldBe($"         5 {file}:4", "what is not a string counts as JSON");
        lines[3].ShouldEndWith(" total");
        (await _cli.RunWithInputAsync("""{"messages":["hello"]}"""u8.ToArray(), "count", "--jsonl", "messages.0", "-")).Out.ReplaceLineEndings("\n").ShouldBe("         1 -:1\n         1 total\n");
    }

    [Fact]
    public async Task Lines_without_the_field_are_named_and_the_rest_is_counted()
    {
        var file = _cli.Write("chat.jsonl", "{\"text\":\"hello\"}\n{\"other\":1}\nnot json\n[1]\n{\"text\":\"\\ud800\"}\n");

        var (exitCode, output, error) = await _cli.RunAsync("count", "--jsonl", "text", file);

        exitCode.ShouldBe(1);
        output.ReplaceLineEndings("\n").ShouldBe($"         1 {file}:1\n         1 total\n");
        error.ShouldContain($"{file}:2: no field 'text'");
        error.ShouldContain($"{file}:3: not JSON");
        error.ShouldContain($"{file}:4: no field 'text'");
        error.ShouldContain($"{file}:5: field 'text' is not text");
    }

    [Fact]
    public async Task The_price_is_the_models_input_rate()
    {
        var one = _cli.Write("one.txt", "hello world");
        var two = _cli.Write("two.txt", string.Concat(Enumerable.Repeat("hello world\n", 1_000)));

        var (exitCode, output, error) = await _cli.RunAsync("count", "--model", "gpt-4o", "--cost", one, two);

        exitCode.ShouldBe(0, error);
        var lines = output.ReplaceLineEndings("\n").Split('\n');
        lines[0].ShouldBe($"         2    $0.000005 {one}");
        lines[1].ShouldBe($"      3000    $0.007500 {two}");
        lines[2].ShouldBe("      3002    $0.007505 total");
    }

    [Theory]
    [InlineData("Unknown model 'gtp-9'", "count", "--model", "gtp-9", "-")]
    [InlineData("o200k_base", "count", "--encoding", "p50k_base", "-")]
    [InlineData("exclude each other", "count", "--encoding", "o200k_base", "--model", "gpt-4o", "-")]
    [InlineData("--cost needs --model", "count", "--cost", "-")]
    [InlineData("Unknown model 'gtp-9'", "count", "--cost", "--model", "gtp-9", "-")]
    [InlineData("--encoding is 'p50k_base', but must be o200k_base or cl100k_base.", "count", "--encoding", "p50k_base", "-")]
    public async Task A_wrong_command_line_says_what_is_wrong(string expected, params string[] arguments)
    {
        var (exitCode, _, error) = await _cli.RunAsync(arguments);

        exitCode.ShouldBe(1);
        error.ShouldContain(expected);
    }

    public void Dispose() => _cli.Dispose();
}

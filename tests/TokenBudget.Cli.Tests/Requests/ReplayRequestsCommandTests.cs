using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace TokenBudget.Cli.Tests.Requests;

public sealed class ReplayRequestsCommandTests : IDisposable
{
    private const string Header = "seconds_from_start,input_tokens,output_tokens\n";
    private const string Load = Header + "0,60,20\n1,30,10\n";
    private readonly CommandLine _cli = new();

    [Fact]
    public async Task A_replay_is_one_object_of_json()
    {
        var (exitCode, output, error) = await RunAsync(_cli.Write("load.csv", Load), "--tokens-per-minute", "100", "--json", "--time-to-first-token", "1", "--output-tokens-per-second", "10");

        error.ShouldBeEmpty();
        exitCode.ShouldBe(0);
        output.ShouldBe(
            """{"trace":"load","mode":"strict","estimate":"exact","hold":"learned","tokensPerMinute":100,"timeToFirstTokenSeconds":1,"outputTokensPerSecond":10""" +
            ""","requests":2,"admitted":2,"refused":0,"worstMinuteTokens":80,"worstMinuteTokensAsBooked":80,"worstMinuteRequests":1,"tokensOver":0,"secondsOver":0""" +
            ""","utilisation":0.666667,"lastAdmittedSeconds":60.1,"oracleLastAdmittedSeconds":60""" +
            ""","waitSeconds":{"p50":0,"p95":59.1,"p99":59.1,"max":59.1},"oracleWaitSeconds":{"p50":0,"p95":59,"p99":59,"max":59}}""" + Environment.NewLine);
    }

    [Fact]
    public async Task Several_traces_limits_and_estimates_are_one_table()
    {
        var one = _cli.Write("one.csv", Load);
        var other = _cli.Write("other.csv", Header + "0,10,0\n60,30,0\n");

        var (exitCode, output, _) = await RunAsync(one, other, "--limit-of-mean", "1,2", "--estimate", "exact,low50");

        exitCode.ShouldBe(0);
        var rows = output.Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(static cells => cells.Length > 4 && cells[1] == "strict");
        // 120 tokens in a second, and 40 in a minute.
        rows.Select(static cells => string.Join(' ', cells[0], cells[2], cells[4])).ShouldBe(
        [
            "one exact 7,200", "one low50 7,200", "one exact 14,400", "one low50 14,400",
            "other exact 40", "other low50 40", "other exact 80", "other low50 80",
        ]);
    }

    [Fact]
    public async Task The_log_has_a_line_for_each_request()
    {
        var log = _cli.PathOf("log.jsonl");

        await RunAsync(_cli.Write("load.csv", Load), "--tokens-per-minute", "300", "--estimate", "high4x", "--hold", "bound", "--log", log, "--time-to-first-token", "0", "--output-tokens-per-second", "40");

        // 4 × 80 can never fit; 4 × 40 does.
        File.ReadAllText(log).ShouldBe("""{"id":1,"arrived":1,"admitted":1,"reserved":160,"settled":40}""" + "\n");
    }

    [Fact]
    public async Task Times_of_the_log_are_exact()
    {
        var log = _cli.PathOf("log.jsonl");

        await RunAsync(_cli.Write("load.csv", Header + "0.1234567,1,1\n86400.0000001,1,1\n"), "--tokens-per-minute", "100", "--log", log);

        File.ReadAllText(log).ShouldBe(
            """
            {"id":0,"arrived":0.1234567,"admitted":0.1234567,"reserved":2,"settled":2}
            {"id":1,"arrived":86400.0000001,"admitted":86400.0000001,"reserved":2,"settled":2}

            """);
    }

    [Fact]
    public async Task The_limit_of_requests_has_its_own_columns()
    {
        var (_, output, _) = await RunAsync(_cli.Write("load.csv", Load), "--tokens-per-minute", "1000", "--requests-per-minute", "1");

        output.ShouldContain("request limit");
        output.ShouldContain("59.1 s");
    }

    [Theory]
    [InlineData("Give the limit either as --tokens-per-minute N, or as --limit-of-mean X")]
    [InlineData("Give the limit either as --tokens-per-minute N, or as --limit-of-mean X", "--tokens-per-minute", "1", "--limit-of-mean", "1")]
    [InlineData("--tokens-per-minute is '0', but must be a whole number of at least 1.", "--tokens-per-minute", "0")]
    [InlineData("--tokens-per-minute is 'many', but must be a whole number of at least 1.", "--tokens-per-minute", "many")]
    [InlineData("--limit-of-mean is '-1', but must be a number above 0, as 0.8.", "--limit-of-mean", "1,-1")]
    [InlineData("--requests-per-minute is '1.5', but must be", "--tokens-per-minute", "1", "--requests-per-minute", "1.5")]
    [InlineData("--estimate is 'low', but must be one of exact, high4x, low50, max4k", "--tokens-per-minute", "1", "--estimate", "low")]
    [InlineData("--hold is 'all', but must be one of learned, bound", "--tokens-per-minute", "1", "--hold", "all")]
    [InlineData("--mode is 'loose', but must be one of strict, bucket", "--tokens-per-minute", "1", "--mode", "loose")]
    [InlineData("--output-tokens-per-second is '0', but must be a number above 0", "--tokens-per-minute", "1", "--output-tokens-per-second", "0")]
    [InlineData("There is no option '--frob'. If it is a file, write ./--frob.", "--tokens-per-minute", "1", "--frob")]
    [InlineData("--log is for one replay, and these are 2", "--tokens-per-minute", "1", "--estimate", "exact,low50", "--log", "x")]
    [InlineData("--plot is for one replay, and these are 2", "--limit-of-mean", "1,2", "--plot", "x")]
    public async Task A_wrong_option_is_named_with_what_it_should_be(string expected, params string[] options)
    {
        var (exitCode, _, error) = await RunAsync([_cli.Write("load.csv", Load), .. options]);

        exitCode.ShouldBe(1);
        error.ShouldContain(expected);
        error.ShouldNotContain("TokenBudget.Cli");
    }

    [Fact]
    public async Task A_trace_that_cannot_be_read_does_not_keep_the_others_from_it()
    {
        var (exitCode, output, error) = await RunAsync(_cli.Write("bad.csv", Header + "1,1,1\n0,1,1\n"), _cli.Write("load.csv", Load), "--tokens-per-minute", "100", "--json");

        exitCode.ShouldBe(1);
        error.ShouldContain("bad.csv, line 3: the request arrived at 0 s, before the one above it (1 s)");
        JsonDocument.Parse(output).RootElement.GetProperty("trace").GetString().ShouldBe("load");
    }

    [Fact]
    public async Task The_plot_shows_limit_tokens_and_waiting()
    {
        var plot = _cli.PathOf("p.svg");

        var (exitCode, _, error) = await RunAsync(_cli.Write("load.csv", Load), "--tokens-per-minute", "100", "--plot", plot);

        error.ShouldBeEmpty();
        exitCode.ShouldBe(0);
        var svg = XDocument.Load(plot);
        XNamespace space = "http://www.w3.org/2000/svg";
        var texts = svg.Descendants(space + "text").Select(static text => text.Value).ToList();
        foreach (var expected in new[] { "load: tokens in the last 60 s, limit 100 (strict, exact)", "admitted by the limiter", "by the oracle", "limit", "requests that wait", "minutes" })
            texts.ShouldContain(expected);
        svg.Descendants(space + "path").Select(static path => path.Attribute("class")!.Value).ShouldBe(["line s1", "line s0", "line s0"]);
        foreach (var number in svg.Descendants().Attributes().Where(static attribute => attribute.Name.LocalName is "x" or "x1" or "x2" or "y" or "y1" or "y2"))
            double.Parse(number.Value, CultureInfo.InvariantCulture).ShouldBeInRange(0, 820);
    }

    public void Dispose() => _cli.Dispose();

    private Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] arguments) => _cli.RunAsync(["replay", "requests", .. arguments]);
}

using System.Net;
using System.Text;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class SimulateCommandTests
{
    private const int Bound = 120_000;

    [Fact(Timeout = Bound)]
    public async Task A_client_that_behaves_gets_its_bill_and_a_clean_verdict()
    {
        var (exitCode, text) = await SimulateAsync(
            async http =>
            {
                (await PostAsync(http, "Hi")).ShouldContain("simulated reply");
                (await PostAsync(http, "Hi again", model: "gpt-4o")).ShouldContain("simulated reply");
            });

        exitCode.ShouldBe(ExitCodes.Ok);
        text.ShouldContain("for claude-sonnet-4-5, gpt-4o; any key will do");
        text.ShouldContain("for 2 of 2 requests (0 rate limited)");
        text.ShouldContain("clean; 2 requests for 2 calls");
    }

    [Fact(Timeout = Bound)]
    public async Task Limits_and_faults_are_played_and_what_a_client_does_about_them_is_told()
    {
        var (exitCode, text) = await SimulateAsync(
            async http =>
            {
                (await PostAsync(http, "one", HttpStatusCode.TooManyRequests)).ShouldContain("spend limit");
                (await PostAsync(http, "one", HttpStatusCode.TooManyRequests)).ShouldContain("spend limit");
            },
            "--model", "claude-haiku-4-5,claude-sonnet-4-5", "--requests-per-minute", "10", "--faults", "spend-limit=1", "--reply", "never given");

        exitCode.ShouldBe(ExitCodes.NotClean);
        text.ShouldContain("NOT clean; 2 requests for 1 calls");
        text.ShouldContain("forbidden retry: request 2");
    }

    [Fact(Timeout = Bound)]
    public async Task The_reply_and_the_limit_are_as_told()
    {
        var (_, text) = await SimulateAsync(
            async http =>
            {
                (await PostAsync(http, "one")).ShouldContain("as told");
                await PostAsync(http, "two", HttpStatusCode.TooManyRequests);
            },
            "--requests-per-minute", "1", "--reply", "as told");

        text.ShouldContain("1 rate limited");
    }

    [Theory]
    [InlineData("no-such-model", "--model", "no-such-model")]
    [InlineData("not of the form overloaded=0.05", "--faults", "overloaded")]
    [InlineData("there are only overloaded, internal-error", "--faults", "earthquake=0.1")]
    [InlineData("add up to 1 at most", "--faults", "reset=0.9,cut=0.2")]
    [InlineData("--port is 70000", "--port", "70000")]
    [InlineData("must be a whole number of at least 1", "--requests-per-minute", "0")]
    public async Task What_means_nothing_is_refused(string expected, params string[] arguments)
    {
        using var commandLine = new CommandLine { Cancelled = new CancellationToken(canceled: true) };
        var (exitCode, output, error) = await commandLine.RunAsync(["simulate", .. arguments]);
        exitCode.ShouldBe(ExitCodes.BadInput, output);
        error.ShouldContain(expected);
    }

    /// <summary>Runs the command, lets a client work against it, and ends it as Ctrl+C does.</summary>
    private static async Task<(int ExitCode, string Out)> SimulateAsync(Func<HttpClient, Task> work, params string[] arguments)
    {
        using var ending = new CancellationTokenSource();
        using var output = new ListeningWriter();
        using var error = new StringWriter();
        var running = CliApplication.RunAsync(
            ["simulate", .. arguments],
            new CliEnvironment { Input = Stream.Null, Out = output, Error = error, Clock = new VirtualTimeProvider(), Cancelled = ending.Token });
        var first = await Task.WhenAny(running, output.FirstLine);
        first.ShouldBe(output.FirstLine, error.ToString());
        using (var http = new HttpClient { BaseAddress = new Uri((await output.FirstLine).Split(' ')[0]) })
            await work(http);
        await ending.CancelAsync();
        return (await running, output.ToString());
    }

    private static async Task<string> PostAsync(HttpClient http, string text, HttpStatusCode expected = HttpStatusCode.OK, string model = "claude-sonnet-4-5")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, model == "gpt-4o" ? "/v1/chat/completions" : "/v1/messages")
        {
            Content = new StringContent($$"""{"model":"{{model}}","max_tokens":100,"messages":[{"role":"user","content":"{{text}}"}]}""", Encoding.UTF8, "application/json"),
        };
        if (model != "gpt-4o")
            request.Headers.Add("anthropic-version", "2023-06-01");
        using var response = await http.SendAsync(request);
        response.StatusCode.ShouldBe(expected);
        return await response.Content.ReadAsStringAsync();
    }

    private sealed class ListeningWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> FirstLine => _first.Task;

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            _first.TrySetResult(value!);
            return Task.CompletedTask;
        }
    }
}

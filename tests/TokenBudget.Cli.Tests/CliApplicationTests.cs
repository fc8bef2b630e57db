namespace TokenBudget.Cli.Tests;

public sealed class CliApplicationTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("replay", "conversations", "--help")]
    public async Task Help_names_the_command_as_it_is_typed(params string[] arguments)
    {
        using var cli = new CommandLine();

        var (exitCode, output, _) = await cli.RunAsync(arguments);

        exitCode.ShouldBe(0);
        output.ShouldContain("tokenbudget ");
        output.ShouldNotContain("TokenBudget.Cli");
    }

    [Theory]
    [InlineData("No command was given. There are count, replay, models, report, lock, diff, ledger, verify, history, conversations, simulate. 'tokenbudget --help' tells more.")]
    [InlineData("There is no command 'cuont'. There are count, replay, models, report, lock, diff, ledger, verify, history, conversations, simulate. 'tokenbudget --help' tells more.", "cuont")]
    [InlineData("There is no option '--frob'. 'tokenbudget --help' tells more.", "--frob")]
    [InlineData("No command was given. There are conversations, requests. 'tokenbudget replay --help' tells more.", "replay")]
    [InlineData("There is no option '--frob'. 'tokenbudget models --help' tells more.", "models", "--frob")]
    [InlineData("FILE is missing. 'tokenbudget count --help' tells more.", "count")]
    [InlineData("There is no option '--frob'. If it is a file, write ./--frob. 'tokenbudget count --help' tells more.", "count", "--frob", "x.txt")]
    [InlineData("There is no option '-e'. If it is a file, write ./-e. 'tokenbudget count --help' tells more.", "count", "-e", "x.txt")]
    [InlineData("--model needs a value. 'tokenbudget count --help' tells more.", "count", "x.txt", "--model")]
    [InlineData("--model is given more than once, the last time as 'gpt-5'. 'tokenbudget count --help' tells more.", "count", "--model", "gpt-4o", "--model", "gpt-5", "x.txt")]
    [InlineData("ID is missing. 'tokenbudget models show --help' tells more.", "models", "show")]
    [InlineData("There is no option '--frob'. 'tokenbudget models show --help' tells more.", "models", "show", "--frob")]
    [InlineData("'m2' is one argument too many. 'tokenbudget models show --help' tells more.", "models", "show", "m1", "m2")]
    [InlineData("There is no option '--frob'. If it is a file, write ./--frob. 'tokenbudget models import --help' tells more.", "models", "import", "--frob")]
    [InlineData("STORE is missing. 'tokenbudget report --help' tells more.", "report")]
    [InlineData("There is no option '--frob'. If it is a file, write ./--frob. 'tokenbudget report --help' tells more.", "report", "--frob")]
    [InlineData("There is no option '--frob'. 'tokenbudget report --help' tells more.", "report", "a.db", "--frob")]
    [InlineData("--model is missing. 'tokenbudget replay conversations --help' tells more.", "replay", "conversations", "c.jsonl")]
    [InlineData("There is no option '--frob'. If it is a file, write ./--frob. 'tokenbudget replay conversations --help' tells more.", "replay", "conversations", "--model", "gpt-4o", "c.jsonl", "--frob")]
    [InlineData("--min-tokens is 'few', but must be a whole number. 'tokenbudget replay conversations --help' tells more.", "replay", "conversations", "--model", "gpt-4o", "c.jsonl", "--min-tokens", "few")]
    [InlineData("--max-messages is '1.5', but must be a whole number. 'tokenbudget replay conversations --help' tells more.", "replay", "conversations", "--model", "gpt-4o", "c.jsonl", "--max-messages", "1.5")]
    [InlineData("TRACE is missing. 'tokenbudget replay requests --help' tells more.", "replay", "requests")]
    [InlineData("There is no option '--frob'. If it is a file, write ./--frob. 'tokenbudget replay requests --help' tells more.", "replay", "requests", "--frob")]
    public async Task What_cannot_be_understood_is_told_in_one_line_with_the_way_out(string expected, params string[] arguments)
    {
        using var cli = new CommandLine();

        var (exitCode, output, error) = await cli.RunAsync(arguments);

        exitCode.ShouldBe(1);
        error.ShouldBe(expected + Environment.NewLine);
        output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_looks_like_an_option_goes_behind_two_dashes()
    {
        using var cli = new CommandLine();

        var (exitCode, _, error) = await cli.RunAsync("count", "--", "--frob");

        exitCode.ShouldBe(1);
        error.ShouldStartWith("--frob: Could not find file");
    }

    [Fact]
    public async Task Who_asks_for_help_gets_it_whatever_else_is_wrong()
    {
        using var cli = new CommandLine();

        var (exitCode, output, error) = await cli.RunAsync("count", "--frob", "--help");

        exitCode.ShouldBe(0);
        output.ShouldContain("tokenbudget count");
        error.ShouldBeEmpty();
    }
}

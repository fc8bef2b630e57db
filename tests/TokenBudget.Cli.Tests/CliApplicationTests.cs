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

    [Fact]
    public async Task An_unknown_command_is_named()
    {
        using var cli = new CommandLine();

        var (exitCode, _, error) = await cli.RunAsync("cuont");

        exitCode.ShouldBe(1);
        error.ShouldContain("cuont");
    }
}

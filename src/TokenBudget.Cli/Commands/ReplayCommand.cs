using System.CommandLine;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget replay</c>: recordings under another policy.</summary>
internal static class ReplayCommand
{
    public static Command Create(CliEnvironment environment) => new("replay", "Replays recordings under a policy or a limit, without calling a model.")
    {
        ReplayConversationsCommand.Create(environment),
        ReplayRequestsCommand.Create(environment),
    };
}

using System.CommandLine;
using System.Globalization;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget conversations forget STORE --days 90</c>: retention by age.</summary>
internal static class ConversationsForgetCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var file = StoreName.ChangedArgument();
        var days = new Option<int>("--days") { Description = "Conversations to which nothing was appended for more than so many days.", HelpName = "N", Required = true };
        days.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 36_500))
                result.AddError($"--days is '{text}'; write a whole number from 1 to 36500.");
        });
        var command = new Command("forget", "Removes conversations nobody has appended to for long.") { file, days };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var store = await StoreName.ChangeAsync(parsed.GetRequiredValue(file), cancellationToken);
            var removed = await store.Conversations.DeleteInactiveAsync(environment.Clock.GetUtcNow().AddDays(-parsed.GetRequiredValue(days)), cancellationToken);
            await environment.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Removed {removed:N0} conversation{(removed == 1 ? "" : "s")}."));
            return ExitCodes.Ok;
        });
        return command;
    }
}

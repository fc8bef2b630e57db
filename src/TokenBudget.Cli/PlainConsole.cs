using Spectre.Console;

namespace TokenBudget.Cli;

/// <summary>Tables as plain text of their own width: the output is as often piped as read.</summary>
internal static class PlainConsole
{
    private const int WiderThanAnyTable = 400;

    public static IAnsiConsole Over(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = WiderThanAnyTable;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}

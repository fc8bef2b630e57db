using System.CommandLine;

namespace TokenBudget.Cli.Commands;

/// <summary><c>--encoding NAME</c>: counts with a published encoding.</summary>
internal static class EncodingOption
{
    public const string Default = "o200k_base";

    public static Option<string?> Create(string description)
    {
        var option = new Option<string?>("--encoding") { Description = description };
        option.AcceptOnlyFromAmong(Default, "cl100k_base");
        return option;
    }
}

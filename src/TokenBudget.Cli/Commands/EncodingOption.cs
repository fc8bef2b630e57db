using System.CommandLine;

namespace TokenBudget.Cli.Commands;

/// <summary><c>--encoding NAME</c>: counts with a published encoding.</summary>
internal static class EncodingOption
{
    public const string Default = "o200k_base";

    public static Option<string?> Create(string description)
    {
        string[] names = [Default, "cl100k_base"];
        var option = new Option<string?>("--encoding") { Description = description, HelpName = string.Join('|', names) };
        option.CompletionSources.Add(names);
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (!names.Contains(token.Value, StringComparer.Ordinal))
                    result.AddError($"--encoding is '{token.Value}', but must be {string.Join(" or ", names)}.");
        });
        return option;
    }
}

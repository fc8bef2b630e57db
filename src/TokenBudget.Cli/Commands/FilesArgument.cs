using System.CommandLine;

namespace TokenBudget.Cli.Commands;

/// <summary>Files as the arguments of a command. What begins with a dash is an option somebody misspelled, not a file.</summary>
internal static class FilesArgument
{
    public static Argument<string[]> Create(string name, string description)
    {
        var files = new Argument<string[]>(name) { Description = description, Arity = ArgumentArity.OneOrMore };
        files.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens)
                if (token.Value.Length > 1 && token.Value[0] == '-')
                    result.AddError($"There is no option '{token.Value}'. If it is a file, write ./{token.Value}.");
        });
        return files;
    }
}

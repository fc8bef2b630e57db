using System.CommandLine;

namespace TokenBudget.Cli.Commands;

/// <summary>An option whose values are the names of an enumeration, one or several, and whose errors name them as they are typed.</summary>
internal static class ChoiceOption
{
    /// <param name="name">The option, with its dashes.</param>
    /// <param name="description">What it decides.</param>
    /// <param name="defaults">What counts when it is left out.</param>
    public static Option<T[]> Create<T>(string name, string description, params T[] defaults)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(static value => value.ToLowerInvariant()).ToArray();
        var option = new Option<T[]>(name)
        {
            Description = description,
            HelpName = string.Join('|', names),
            DefaultValueFactory = _ => defaults,
            CustomParser = result =>
            {
                var chosen = new List<T>();
                foreach (var text in result.Tokens.SelectMany(static token => token.Value.Split(',')))
                {
                    var index = Array.FindIndex(names, known => string.Equals(known, text, StringComparison.OrdinalIgnoreCase));
                    if (index < 0)
                        result.AddError($"{name} is '{text}', but must be one of {string.Join(", ", names)}, or several of them with commas between.");
                    else
                        chosen.Add(Enum.GetValues<T>()[index]);
                }

                return [.. chosen.Distinct()];
            },
        };
        option.CompletionSources.Add(names);
        return option;
    }
}

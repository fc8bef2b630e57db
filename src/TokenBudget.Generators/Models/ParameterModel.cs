namespace TokenBudget.Generators.Models;

/// <summary>One parameter.</summary>
/// <param name="Name">The name as the compiler knows it, not escaped.</param>
/// <param name="Type">The type, fully qualified.</param>
/// <param name="RefKind"><c>ref</c>, <c>out</c>, <c>in</c> or empty.</param>
/// <param name="IsParams">Whether it takes the remaining arguments.</param>
/// <param name="DefaultValue">The default value as an expression, or null.</param>
/// <param name="Role">What the call does with it.</param>
/// <param name="CanBeNull">Whether its type is annotated as nullable.</param>
/// <param name="MaxTokens">The most tokens of its value; 0, no limit.</param>
/// <param name="IsShort">Whether its type holds a few tokens, whatever the value: a number, a flag, a date.</param>
/// <param name="HasText">Whether its values can be put into a prompt: where not, the model would read the name of the type.</param>
internal sealed record ParameterModel(
    string Name,
    string Type,
    string RefKind,
    bool IsParams,
    string? DefaultValue,
    ParameterRole Role,
    bool CanBeNull,
    int MaxTokens,
    bool IsShort,
    bool HasText)
{
    /// <summary>Whether nothing says how long its value may be.</summary>
    public bool IsUnbounded => MaxTokens == 0 && !IsShort;
}

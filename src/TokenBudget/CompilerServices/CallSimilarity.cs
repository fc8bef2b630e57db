using System.Globalization;
using Microsoft.Extensions.AI;

namespace TokenBudget.CompilerServices;

/// <summary>How similar one call wants the question to be whose answer it takes: an additional property of its options, which is ours and goes no further.</summary>
internal static class CallSimilarity
{
    private const string Property = "tokenbudget.similarity";

    /// <summary>Takes the property out of options that are the call's own.</summary>
    /// <exception cref="ArgumentException">It is no number.</exception>
    public static double? TakeFrom(ChatOptions options)
    {
        if (options.AdditionalProperties is not { } properties || !properties.Remove(Property, out var value))
            return null;
        if (properties.Count == 0)
            options.AdditionalProperties = null;
        return value switch
        {
            null => null,
            double number => number,
            float number => number,
            decimal number => (double)number,
            int number => number,
            _ => throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"ChatOptions.AdditionalProperties[\"{Property}\"] is '{value}' ({value.GetType()}); it must be a number: the least similarity, up to 1, or more than 1 for none.")),
        };
    }
}

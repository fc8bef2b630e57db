using System.Globalization;

namespace TokenBudget.Generators.Contracts.Locking;

/// <summary>
/// What a contract says, fact by fact: <c>inputTokens</c>, <c>fixedTokens.prompt</c>, each with the text of its value. Of any JSON object: a fact that only another release knows
/// is compared as well.
/// </summary>
internal sealed class ContractFacts
{
    /// <summary>The fact that is watched: the most dollars of a call.</summary>
    public const string Ceiling = "ceilingUsd";

    /// <summary>What the fixed part costs, each time the provider's cache does not have it.</summary>
    public const string FixedCost = "fixedUsd";

    private readonly SortedDictionary<string, string> _values = new(StringComparer.Ordinal);

    private ContractFacts()
    {
    }

    /// <summary>The facts by name, in a stable order.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>The most dollars of a call; null where a model has no known price.</summary>
    public decimal? CeilingUsd => Number(Ceiling);

    /// <summary>The dollars of the fixed part; null where the model has no known price.</summary>
    public decimal? FixedUsd => Number(FixedCost);

    /// <summary>The facts of a contract, as <see cref="JsonTree"/> gives it.</summary>
    public static ContractFacts Of(Dictionary<string, object?> contract)
    {
        var facts = new ContractFacts();
        facts.Add("", contract);
        return facts;
    }

    /// <summary>The facts of a contract.</summary>
    /// <exception cref="FormatException">It is no JSON object.</exception>
    public static ContractFacts Read(string json) =>
        JsonTree.Read(json) is Dictionary<string, object?> contract ? Of(contract) : throw new FormatException("A contract is a JSON object.");

    /// <summary>A fact that is a number; null where it is none, or unknown.</summary>
    public decimal? Number(string name) =>
        _values.TryGetValue(name, out var text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private void Add(string prefix, Dictionary<string, object?> values)
    {
        foreach (var pair in values)
        {
            if (pair.Value is Dictionary<string, object?> group)
                Add(prefix + pair.Key + ".", group);
            else if (pair.Value is not null)
                _values[prefix + pair.Key] = TextOf(pair.Value);
        }
    }

    private static string TextOf(object? value) => value switch
    {
        null => "null",
        string text => text,
        bool flag => flag ? "true" : "false",
        // Without the zeros at its end: 1.0 is 1.
        decimal number => number.ToString("0.############################", CultureInfo.InvariantCulture),
        List<object?> items => $"[{string.Join(", ", items.Select(TextOf))}]",
        _ => "{…}",
    };
}

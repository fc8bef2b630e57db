using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Schemas;

/// <summary>What a type is in JSON.</summary>
/// <param name="Schema">The inside of its schema, when that is the same for all of them.</param>
/// <param name="Item">What it is a list of, when it is a list.</param>
/// <param name="Value">What its values are, when it is a dictionary.</param>
internal readonly record struct JsonKind(string? Schema = null, ITypeSymbol? Item = null, ITypeSymbol? Value = null);

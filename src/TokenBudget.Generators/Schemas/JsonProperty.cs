using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Schemas;

/// <summary>A property of an object in JSON.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Type">Its type.</param>
/// <param name="Symbol">The property.</param>
/// <param name="IsNullable">Whether it may be null.</param>
/// <param name="IsRequired">Whether it must be there.</param>
/// <param name="Description">What is said of it, or null.</param>
/// <param name="Default">What it is when it is not there, as JSON; null when nothing is said.</param>
internal sealed record JsonProperty(string Name, ITypeSymbol Type, ISymbol Symbol, bool IsNullable, bool IsRequired, string? Description, string? Default);

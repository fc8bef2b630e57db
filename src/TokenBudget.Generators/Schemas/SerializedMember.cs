using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Schemas;

/// <summary>A property or field System.Text.Json looks at.</summary>
/// <param name="Name">Its name in the code.</param>
/// <param name="Type">Its type; null, where it does not matter, because a converter of its own reads and writes it.</param>
/// <param name="IsRead">Whether it is set from JSON.</param>
/// <param name="IsWritten">Whether it is written as JSON.</param>
internal sealed record SerializedMember(string Name, ITypeSymbol? Type, bool IsRead, bool IsWritten);

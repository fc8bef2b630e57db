using System.Text.Json;

namespace TokenBudget.CompilerServices;

/// <summary>A value that is not in the messages but can change the answer.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Declared">The parameter's type.</param>
/// <param name="Json">How it is written where the user names a context.</param>
internal readonly record struct KeyPart(string Name, object? Value, Type Declared, JsonSerializerOptions? Json);

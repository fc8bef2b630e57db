namespace TokenBudget.Generators.Contracts;

/// <summary>A member of a JSON object, and where it stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, as <see cref="JsonTree"/> gives it.</param>
/// <param name="Start">The first character of its name in the text.</param>
/// <param name="ValueStart">The first character of its value.</param>
/// <param name="End">The character behind its value.</param>
internal readonly record struct JsonMember(string Name, object? Value, int Start, int ValueStart, int End);

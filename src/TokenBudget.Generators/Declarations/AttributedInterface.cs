using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Declarations;

/// <summary>An interface that has attributes, or whose methods have.</summary>
/// <param name="MetadataName">Its name as metadata has it.</param>
/// <param name="IsMarked">Whether one of the attributes has a name that asks for a class, or an alias of the file.</param>
/// <param name="Attributes">The names of the attributes, as they are written.</param>
/// <param name="Type">The type it stands in, or is.</param>
internal sealed record AttributedInterface(string MetadataName, bool IsMarked, EquatableArray<string> Attributes, DeclaredType Type);

using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Declarations;

/// <summary>What a file declares. Equal after an edit inside a body, a comment or a file's layout.</summary>
/// <param name="Types">The types.</param>
/// <param name="Interfaces">Those of them, and of the types in them, that may be agents.</param>
/// <param name="Namespaces">The namespaces: a new one can take a name from a type.</param>
/// <param name="GlobalAliases">The names its global usings give to types.</param>
/// <param name="Shared">What it says to the whole project, attributes of the assembly and global usings; null when nothing.</param>
internal sealed record FileDeclarations(
    EquatableArray<DeclaredType> Types,
    EquatableArray<AttributedInterface> Interfaces,
    EquatableArray<string> Namespaces,
    EquatableArray<string> GlobalAliases,
    DeclaredType? Shared);

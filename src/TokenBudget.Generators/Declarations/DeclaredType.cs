using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Declarations;

/// <summary>A type that stands in no other, with those that stand in it, as it is written; the bodies of its members left out.</summary>
/// <param name="Names">The names it declares: its own and those of the types in it.</param>
/// <param name="Mentions">The names it mentions, and those its file's usings mention: whatever it means is a declaration of one of them.</param>
/// <param name="Version">A hash of what is written, its namespace and usings included.</param>
internal sealed record DeclaredType(EquatableArray<string> Names, EquatableArray<string> Mentions, string Version);

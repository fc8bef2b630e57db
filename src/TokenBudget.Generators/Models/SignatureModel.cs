using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Models;

/// <summary>A method's signature as it is written into the class.</summary>
/// <param name="Name">The name, escaped.</param>
/// <param name="ReturnType">The return type with its ref kind, fully qualified.</param>
/// <param name="IsVoid">Whether nothing is returned.</param>
/// <param name="ReturnsByRef">Whether a reference is returned.</param>
/// <param name="TypeParameters">The names of the type parameters.</param>
/// <param name="Constraints">The constraint clauses, with a leading space; empty when there are none.</param>
/// <param name="Parameters">The parameters.</param>
internal sealed record SignatureModel(
    string Name,
    string ReturnType,
    bool IsVoid,
    bool ReturnsByRef,
    EquatableArray<string> TypeParameters,
    string Constraints,
    EquatableArray<ParameterModel> Parameters);

using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Models;

/// <summary>A method that is a tool.</summary>
/// <param name="Name">What the model calls it.</param>
/// <param name="Description">What the model is told of it; may be empty.</param>
/// <param name="Schema">The JSON schema of its parameters.</param>
/// <param name="Method">The method's name, escaped.</param>
/// <param name="Receiver">The type that declares it, fully qualified, where it is called on that: statically, or after a cast; null for the instance as it is.</param>
/// <param name="IsStatic">Whether it needs no instance.</param>
/// <param name="IsAsync">Whether it is awaited.</param>
/// <param name="HasResult">Whether it gives back anything.</param>
/// <param name="JsonResult">The type of it that is written as JSON, fully qualified; null where none is.</param>
/// <param name="NeedsApproval">Whether a person decides about each call.</param>
/// <param name="Arguments">Its parameters: those with a JSON schema, and the token.</param>
internal sealed record ToolModel(
    string Name,
    string Description,
    string Schema,
    string Method,
    string? Receiver,
    bool IsStatic,
    bool IsAsync,
    bool HasResult,
    string? JsonResult,
    bool NeedsApproval,
    EquatableArray<ParameterModel> Arguments);

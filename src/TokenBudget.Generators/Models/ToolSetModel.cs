using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Models;

/// <summary>A type whose public methods are tools.</summary>
/// <param name="Type">The type, fully qualified.</param>
/// <param name="Name">Its name, not escaped.</param>
/// <param name="NeedsInstance">Whether one of its tools is called on an instance.</param>
/// <param name="IsConstructible">Whether a container can make an instance by itself.</param>
/// <param name="IsPublic">Whether it is public.</param>
/// <param name="Tools">The tools.</param>
internal sealed record ToolSetModel(
    string Type,
    string Name,
    bool NeedsInstance,
    bool IsConstructible,
    bool IsPublic,
    EquatableArray<ToolModel> Tools);

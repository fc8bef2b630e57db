using TokenBudget.Generators.Collections;

namespace TokenBudget.Generators.Models;

/// <summary>A property or indexer: forwarded by a wrapper, refused by a client.</summary>
/// <param name="Name">The name, escaped; <c>this</c> for an indexer.</param>
/// <param name="Type">The type with its ref kind, fully qualified.</param>
/// <param name="ReturnsByRef">Whether it returns a reference.</param>
/// <param name="Parameters">The indexer's parameters.</param>
/// <param name="HasGetter">Whether it can be read.</param>
/// <param name="Setter"><c>set</c>, <c>init</c> or null.</param>
/// <param name="ExplicitInterface">See <see cref="MemberModel"/>.</param>
/// <param name="InnerInterface">See <see cref="MemberModel"/>.</param>
internal sealed record PropertyModel(
    string Name,
    string Type,
    bool ReturnsByRef,
    EquatableArray<ParameterModel> Parameters,
    bool HasGetter,
    string? Setter,
    string? ExplicitInterface,
    string? InnerInterface) : MemberModel(ExplicitInterface, InnerInterface);

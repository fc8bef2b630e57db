namespace TokenBudget.Generators.Models;

/// <summary>An event: forwarded by a wrapper, refused by a client.</summary>
/// <param name="Name">The name, escaped.</param>
/// <param name="Type">The delegate, fully qualified.</param>
/// <param name="ExplicitInterface">See <see cref="MemberModel"/>.</param>
/// <param name="InnerInterface">See <see cref="MemberModel"/>.</param>
internal sealed record EventModel(string Name, string Type, string? ExplicitInterface, string? InnerInterface)
    : MemberModel(ExplicitInterface, InnerInterface);

namespace TokenBudget.Generators.Models;

/// <summary>One member the generated class implements.</summary>
/// <param name="ExplicitInterface">The interface to implement it for explicitly, fully qualified; null for an ordinary public member.</param>
/// <param name="InnerInterface">The interface to cast the wrapped implementation to; null when it can be called as it is.</param>
internal abstract record MemberModel(string? ExplicitInterface, string? InnerInterface);

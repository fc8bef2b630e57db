namespace TokenBudget.Generators.Models;

/// <summary>A method of a wrapper that has no policy.</summary>
/// <param name="Signature">Its signature.</param>
/// <param name="ExplicitInterface">See <see cref="MemberModel"/>.</param>
/// <param name="InnerInterface">See <see cref="MemberModel"/>.</param>
internal sealed record ForwardedMethodModel(SignatureModel Signature, string? ExplicitInterface, string? InnerInterface)
    : MemberModel(ExplicitInterface, InnerInterface);

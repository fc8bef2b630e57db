namespace TokenBudget.Generators.Models;

/// <summary>A method that cannot be generated: it throws, so that the class compiles and the analyzer's error is the only one.</summary>
/// <param name="Signature">Its signature.</param>
/// <param name="ExplicitInterface">See <see cref="MemberModel"/>; never null here.</param>
internal sealed record RefusedMethodModel(SignatureModel Signature, string ExplicitInterface)
    : MemberModel(ExplicitInterface, InnerInterface: null);

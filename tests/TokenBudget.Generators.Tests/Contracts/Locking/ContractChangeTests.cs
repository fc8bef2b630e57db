using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Generators.Tests.Contracts.Locking;

public sealed class ContractChangeTests
{
    [Theory]
    [InlineData("""{"ceilingUsd":1}""", """{"ceilingUsd":1.0}""", nameof(ContractChangeKind.None), "a price of its models")]
    [InlineData("""{"a":1,"b":{"c":2}}""", """{"b":{"c":2},"a":1}""", nameof(ContractChangeKind.None), "a price of its models")]
    [InlineData("""{"ceilingUsd":1}""", """{"ceilingUsd":2}""", nameof(ContractChangeKind.Rose), "a price of its models")]
    [InlineData("""{"ceilingUsd":1,"rounds":2}""", """{"ceilingUsd":2,"rounds":4}""", nameof(ContractChangeKind.Rose), "rounds 2 → 4")]
    [InlineData("""{"ceilingUsd":2,"rounds":4,"x":"y"}""", """{"ceilingUsd":1,"rounds":2}""", nameof(ContractChangeKind.Changed), "rounds 4 → 2, x y → none")]
    [InlineData("""{"ceilingUsd":1,"model":"a"}""", """{"ceilingUsd":null,"model":"b"}""", nameof(ContractChangeKind.Rose), "model a → b")]
    [InlineData("""{"ceilingUsd":null}""", """{"ceilingUsd":9}""", nameof(ContractChangeKind.Changed), "a price of its models")]
    [InlineData("""{"cacheKey":["string a"]}""", """{"cacheKey":["string a","int b"]}""", nameof(ContractChangeKind.Changed), "cacheKey [string a] → [string a, int b]")]
    public void Facts_are_compared_by_name(string before, string after, string kind, string reasons)
    {
        var change = ContractChange.Between(ContractFacts.Read(before), ContractFacts.Read(after));
        change.Kind.ToString().ShouldBe(kind);
        change.Reasons.ShouldBe(reasons);
    }

    [Fact]
    public void A_method_can_be_new_or_gone()
    {
        var facts = ContractFacts.Read("{}");
        ContractChange.Between(null, facts).Kind.ShouldBe(ContractChangeKind.Added);
        ContractChange.Between(facts, null).Kind.ShouldBe(ContractChangeKind.Removed);
    }

    [Theory]
    [InlineData(0.0675, 0.0811, "$0.0675", "$0.0811")]
    [InlineData(0.06751, 0.06752, "$0.06751", "$0.06752")]
    [InlineData(0.000001, 1234.5, "$0.000001", "$1,234.50")]
    [InlineData(0.5, 0.5, "$0.50", "$0.50")]
    public void Dollars_are_rounded_up_unless_that_hides_the_difference(double before, double after, string first, string second) =>
        ContractDollars.Texts((decimal)before, (decimal)after).ShouldBe((first, second));

    [Fact]
    public void Nobody_knows_is_an_amount() => ContractDollars.Texts(1, null).ShouldBe(("$1.00", "an unknown amount"));
}

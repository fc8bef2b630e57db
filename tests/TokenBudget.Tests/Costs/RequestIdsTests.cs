using TokenBudget.Costs;

namespace TokenBudget.Tests.Costs;

public sealed class RequestIdsTests
{
    [Fact]
    public void Ids_of_many_callers_and_makers_are_all_different()
    {
        RequestIds[] makers = [.. Enumerable.Range(0, 4).Select(static _ => new RequestIds())];
        var ids = new Guid[40_000];

        Parallel.For(0, ids.Length, index => ids[index] = makers[index % makers.Length].Next());

        ids.Distinct().Count().ShouldBe(ids.Length);
    }

    [Fact]
    public void Ids_of_one_maker_keep_its_half_where_a_line_set_aside_changes_one_bit()
    {
        // UnwrittenLines flips the last bit for the id of its probe: that must never be another request's.
        var maker = new RequestIds();
        var first = maker.Next().ToByteArray();
        var second = maker.Next().ToByteArray();

        second[8..].ShouldBe(first[8..]);
        second[..8].ShouldNotBe(first[..8]);
    }
}

using TokenBudget.Costs;

namespace TokenBudget.Tests.Costs;

public sealed class RequestIdsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Ids_of_many_callers_and_makers_are_all_different()
    {
        RequestIds[] makers = [.. Enumerable.Range(0, 4).Select(static _ => new RequestIds())];
        var ids = new Guid[40_000];

        Parallel.For(0, ids.Length, index => ids[index] = makers[index % makers.Length].Next(Now.AddMilliseconds(index)));

        ids.Distinct().Count().ShouldBe(ids.Length);
    }

    [Fact]
    public void Ids_of_one_maker_keep_its_half_where_a_line_set_aside_changes_one_bit()
    {
        // UnwrittenLines flips the last bit for the id of its probe: that must never be another request's.
        var maker = new RequestIds();
        var first = maker.Next(Now).ToByteArray();
        var second = maker.Next(Now).ToByteArray();

        second[8..].ShouldBe(first[8..]);
        second[..8].ShouldNotBe(first[..8]);
    }

    /// <summary>Processes that were started from one image of memory go on with the same number, and draw other bits.</summary>
    [Fact]
    public void A_later_second_has_other_bits()
    {
        var maker = new RequestIds();

        byte[][] halves = [.. Enumerable.Range(0, 10).Select(second => maker.Next(Now.AddSeconds(second)).ToByteArray()[8..])];

        halves.Select(Convert.ToHexString).Distinct().Count().ShouldBe(halves.Length);
        maker.Next(Now.AddSeconds(9.9)).ToByteArray()[8..].ShouldBe(halves[^1]);
    }
}

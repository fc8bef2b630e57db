using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

public sealed class SimilarityIndexTests
{
    private static readonly EntryKey Here = new(Key("here"), "tenant");

    [Fact]
    public void The_nearest_comes_first_and_none_below_the_threshold()
    {
        var index = new SimilarityIndex(1 << 20);
        index.Add(Question("far", 0.5f));
        index.Add(Question("near", 0.99f));
        index.Add(Question("nearer", 0.999f));
        index.Search(Here, Vector(1), 0.9).Select(static found => found.Question.Text).ShouldBe(["nearer", "near"]);
        index.Search(Here, Vector(1), 0.9)[0].Similarity.ShouldBe(0.999, 0.0001);
        index.Search(Here, [1], 0.9).ShouldBeEmpty("another model's embedding has other dimensions");
    }

    [Fact]
    public void Partitions_and_tenants_know_nothing_of_each_other()
    {
        var index = new SimilarityIndex(1 << 20);
        index.Add(Question("mine", 1));
        index.Search(new EntryKey(Key("elsewhere"), "tenant"), Vector(1), 0.8).ShouldBeEmpty();
        index.Search(Here with { Scope = "other" }, Vector(1), 0.8).ShouldBeEmpty();
        index.Search(Here with { Scope = null }, Vector(1), 0.8).ShouldBeEmpty();
        index.Search(Here, Vector(1), 0.8).ShouldHaveSingleItem();
    }

    [Fact]
    public void It_never_holds_more_bytes_than_it_may_and_drops_the_least_recently_useful()
    {
        var one = Question("0", 1).Bytes;
        var index = new SimilarityIndex(one * 10);
        var first = Question("0", 1);
        index.Add(first);
        for (var i = 1; i < 500; i++)
        {
            index.Add(Question($"{i % 10}", 1, answer: $"{i}"));
            index.Touch(first);
            index.Size.Bytes.ShouldBeLessThanOrEqualTo(one * 10);
        }

        index.Size.Entries.ShouldBe(10);
        index.Search(Here, Vector(1), 0.8).Select(static found => found.Question.Answer).ShouldContain(first.Answer);
        index.Add(Question(new string('x', 10_000), 1, answer: "too large"));
        index.Size.Entries.ShouldBe(10);
    }

    [Fact]
    public void A_question_that_is_removed_or_replaced_is_gone_with_its_bytes()
    {
        var index = new SimilarityIndex(1 << 20);
        var old = Question("old", 1, answer: "a");
        index.Add(old);
        index.Add(Question("new", 1, answer: "a"));
        index.Remove(old);
        index.Search(Here, Vector(1), 0.8).ShouldHaveSingleItem().Question.Text.ShouldBe("new");
        index.Remove(index.Search(Here, Vector(1), 0.8)[0].Question);
        index.Size.ShouldBe((0, 0L));
    }

    private static SimilarQuestion Question(string text, float cosine, string? answer = null) =>
        new(Here, new EntryKey(Key("answer " + (answer ?? text)), "tenant"), text, Vector(cosine));

    /// <summary>Of length 1, at an angle of that cosine to the first axis.</summary>
    private static float[] Vector(float cosine) => [cosine, MathF.Sqrt(1 - (cosine * cosine)), 0];
}

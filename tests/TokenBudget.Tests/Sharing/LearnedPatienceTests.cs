using TokenBudget.Sharing;

namespace TokenBudget.Tests.Sharing;

/// <summary>How long answers are waited for.</summary>
public sealed class LearnedPatienceTests
{
    private readonly LearnedPatience _patience = new();

    [Fact]
    public void The_first_answer_has_two_seconds_and_quick_ones_have_a_fifth_of_one()
    {
        Milliseconds.ShouldBe(2_000);
        Answer(3);
        Milliseconds.ShouldBe(200);
    }

    /// <summary>The figures are those of RFC 6298: 400 + 4 · 200; then 7/8 · 400 + 1/8 · 2 and 4 · (3/4 · 200 + 1/4 · 398).</summary>
    [Fact]
    public void A_slow_start_is_waited_for_and_forgotten()
    {
        Answer(400);
        Milliseconds.ShouldBe(1_200);
        Answer(2);
        Milliseconds.ShouldBe(1_348, 1);
        for (var i = 0; i < 40; i++)
            Answer(2);
        Milliseconds.ShouldBe(200);
    }

    [Fact]
    public void A_store_that_always_takes_long_is_never_taken_for_away()
    {
        for (var i = 0; i < 100; i++)
        {
            Milliseconds.ShouldBeGreaterThan(600);
            Answer(350 + (i % 3));
        }
    }

    [Fact]
    public void No_answer_is_waited_for_longer_than_two_seconds()
    {
        Answer(1_900);
        Milliseconds.ShouldBe(2_000);
    }

    /// <summary>Who waits has been told; the store may have become slow, and is to be found again within two seconds of its return.</summary>
    [Fact]
    public void While_it_is_away_the_tries_grow_longer()
    {
        var tries = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            _patience.Missed();
            tries.Add(Milliseconds);
        }

        tries.ShouldBe([200, 400, 800, 800, 800]);
        Answer(3);
        Milliseconds.ShouldBe(200);
    }

    private double Milliseconds => _patience.Current.TotalMilliseconds;

    private void Answer(int milliseconds) => _patience.Answered(TimeSpan.FromMilliseconds(milliseconds));
}

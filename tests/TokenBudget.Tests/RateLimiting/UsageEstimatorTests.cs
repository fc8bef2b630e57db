using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>What is learned of the answers: a quantile, not at once, and not for ever.</summary>
public sealed class UsageEstimatorTests
{
    private static readonly TokenDemand Bound = new(1_000, 4_000);

    private static UsageEstimator After(int answers, TokenDemand used, UsageEstimator? estimator = null)
    {
        estimator ??= new UsageEstimator();
        for (var answer = 0; answer < answers; answer++)
            estimator.Observe(Bound, used);
        return estimator;
    }

    [Fact]
    public void Until_a_hundred_answers_are_known_the_bound_is_expected()
    {
        var estimator = After(99, new TokenDemand(900, 50));
        estimator.Expect(Bound).ShouldBe(Bound);
        After(1, new TokenDemand(900, 50), estimator).Expect(Bound).ShouldBe(new TokenDemand(900, 50));
    }

    [Fact]
    public void What_is_learned_is_a_share_of_the_bound()
    {
        var estimator = After(100, new TokenDemand(250, 1_000));
        estimator.Expect(new TokenDemand(80, 400)).ShouldBe(new TokenDemand(20, 100));
        estimator.Expect(new TokenDemand(3, 1)).ShouldBe(new TokenDemand(1, 1), "a part of a token is a token");
        estimator.Expect(default).ShouldBe(default);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_is_the_99th_percentile_of_the_last_256(int seed)
    {
        var random = new Random(seed);
        var estimator = new UsageEstimator();
        var outputs = new List<long>();
        for (var answer = 1; answer <= 1_500; answer++)
        {
            // Few different values, so that equal ones leave and enter.
            outputs.Add(random.Next(4) == 0 ? random.Next(4_000) : 16 * random.Next(20));
            estimator.Observe(Bound, new TokenDemand(0, outputs[^1]));
            if (answer < UsageEstimator.AnswersBeforeTrust)
                continue;
            var last = outputs.TakeLast(256).Order().ToList();
            var expected = last[(int)Math.Ceiling(0.99 * last.Count) - 1];
            estimator.Expect(Bound).OutputTokens.ShouldBeInRange(expected, expected + 1);
        }
    }

    [Fact]
    public void A_bound_that_is_too_small_is_raised_by_the_first_answer()
    {
        After(1, new TokenDemand(1_500, 10)).Expect(Bound).ShouldBe(new TokenDemand(1_500, 4_000));
        After(1, new TokenDemand(50_000, 10)).Expect(Bound).ShouldBe(new TokenDemand(4_000, 4_000), "at most four times");
    }

    [Fact]
    public void After_a_change_the_third_longer_answer_is_believed_and_shorter_ones_only_when_the_longer_are_forgotten()
    {
        var estimator = After(256, new TokenDemand(900, 100));
        After(2, new TokenDemand(900, 3_000), estimator).Expect(Bound).OutputTokens.ShouldBe(100);
        After(1, new TokenDemand(900, 3_000), estimator).Expect(Bound).OutputTokens.ShouldBe(3_000);
        After(253, new TokenDemand(900, 100), estimator).Expect(Bound).OutputTokens.ShouldBe(3_000);
        After(1, new TokenDemand(900, 100), estimator).Expect(Bound).OutputTokens.ShouldBe(100);
    }

    [Fact]
    public void An_empty_bound_teaches_nothing()
    {
        var estimator = new UsageEstimator();
        for (var answer = 0; answer < 300; answer++)
            estimator.Observe(new TokenDemand(1_000, 0), new TokenDemand(100, 7));
        estimator.Expect(Bound).ShouldBe(new TokenDemand(100, 4_000));
    }

    [Fact]
    public void Nothing_is_allocated_per_request()
    {
        var estimator = After(300, new TokenDemand(900, 100));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var answer = 0; answer < 1_000; answer++)
            estimator.Observe(Bound, new TokenDemand(answer, estimator.Expect(Bound).OutputTokens));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}

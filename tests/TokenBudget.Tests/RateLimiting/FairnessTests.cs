using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>Whose turn it is: priorities and tenants by share, and nobody starves.</summary>
public sealed class FairnessTests
{
    private static readonly TimeSpan MinuteAndCell = TimeSpan.FromSeconds(60.1);
    private readonly VirtualTimeProvider _time = new();

    private static TokenDemand Input(long tokens) => new(tokens, 0);

    private TokenRateLimiter Limiter(long tokens, RateLimits? perTenant = null) =>
        new("limit", new RateLimits { TokensPerMinute = tokens, PerTenant = perTenant, QueueLimit = 100_000 }, _time);

    /// <summary>Callers that settle what they asked for as soon as they are admitted.</summary>
    private static List<Caller> Callers(TokenRateLimiter limiter, int count, AdmissionTerms terms, long tokens = 1) =>
        [.. Enumerable.Range(0, count).Select(_ => limiter.ReserveAsync(Input(tokens), terms).Caller())];

    private static int Served(List<Caller> callers) => callers.Count(static caller => caller.IsCompletedSuccessfully);

    private async Task NextMinuteAsync(params List<Caller>[] groups)
    {
        foreach (var caller in groups.SelectMany(static group => group).Where(static caller => caller.IsCompletedSuccessfully))
        {
            var reservation = await caller;
            reservation.Settle(reservation.Reserved);
        }

        _time.Advance(MinuteAndCell);
    }

    [Fact]
    public async Task High_priority_is_served_at_its_own_speed_in_a_flood_of_low_and_low_gets_its_share()
    {
        await using var limiter = Limiter(1_000);
        (await limiter.ReserveAsync(Input(1_000))).Settle(Input(1_000));
        var low = Callers(limiter, 10_000, new AdmissionTerms { Priority = RatePriority.Low });
        var high = Callers(limiter, 100, new AdmissionTerms { Priority = RatePriority.High });
        await NextMinuteAsync();
        Served(high).ShouldBe(100, "alone they would have been served in this minute too");
        Served(low).ShouldBe(900);
    }

    [Fact]
    public async Task While_all_priorities_wait_each_gets_its_share()
    {
        await using var limiter = Limiter(1_000);
        (await limiter.ReserveAsync(Input(1_000))).Settle(Input(1_000));
        var low = Callers(limiter, 5_000, new AdmissionTerms { Priority = RatePriority.Low });
        var normal = Callers(limiter, 5_000, default);
        var high = Callers(limiter, 5_000, new AdmissionTerms { Priority = RatePriority.High });
        for (var minute = 1; minute <= 5; minute++)
        {
            await NextMinuteAsync(low, normal, high);
            Served(low).ShouldBeInRange((50 * minute) - 1, (50 * minute) + 1);
            Served(normal).ShouldBeInRange((190 * minute) - 1, (190 * minute) + 1);
            Served(high).ShouldBeInRange((760 * minute) - 1, (760 * minute) + 1);
        }
    }

    [Fact]
    public async Task A_large_low_request_starts_within_two_windows_of_its_share_however_many_small_high_ones_come()
    {
        await using var limiter = Limiter(1_000);
        (await limiter.ReserveAsync(Input(1_000))).Settle(Input(1_000));
        var large = Callers(limiter, 1, new AdmissionTerms { Priority = RatePriority.Low }, 900);
        var high = new List<Caller>();
        for (var second = 0; second < 122 && Served(large) == 0; second++)
        {
            high.AddRange(Callers(limiter, 100, new AdmissionTerms { Priority = RatePriority.High }, 10));
            foreach (var caller in high.Where(static caller => caller.IsCompletedSuccessfully))
                (await caller).Settle(Input(10));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Served(large).ShouldBe(1);
    }

    [Fact]
    public async Task Tenants_that_wait_get_equal_parts_whatever_they_ask_for()
    {
        await using var limiter = Limiter(1_000);
        (await limiter.ReserveAsync(Input(1_000))).Settle(Input(1_000));
        var greedy = Callers(limiter, 2_000, new AdmissionTerms { Tenant = "greedy" });
        var modest = Callers(limiter, 400, new AdmissionTerms { Tenant = "modest" });
        var large = Callers(limiter, 20, new AdmissionTerms { Tenant = "large" }, 50);
        await NextMinuteAsync();
        Served(greedy).ShouldBeInRange(300, 351);
        Served(modest).ShouldBeInRange(300, 351);
        (Served(large) * 50).ShouldBeInRange(300, 351);
    }

    [Fact]
    public async Task Twice_the_weight_is_twice_the_part()
    {
        await using var limiter = Limiter(900);
        (await limiter.ReserveAsync(Input(900))).Settle(Input(900));
        var one = Callers(limiter, 900, new AdmissionTerms { Tenant = "one" });
        var two = Callers(limiter, 900, new AdmissionTerms { Tenant = "two", Weight = 2 });
        await NextMinuteAsync();
        Served(one).ShouldBeInRange(299, 301);
        Served(two).ShouldBeInRange(599, 601);
    }

    [Fact]
    public async Task Who_did_not_wait_is_not_owed_what_others_got_meanwhile()
    {
        await using var limiter = Limiter(100);
        (await limiter.ReserveAsync(Input(100))).Settle(Input(100));
        var old = Callers(limiter, 1_000, new AdmissionTerms { Tenant = "old" });
        for (var minute = 0; minute < 5; minute++)
            await NextMinuteAsync(old);
        var late = Callers(limiter, 1_000, new AdmissionTerms { Tenant = "late" });
        await NextMinuteAsync(old);
        Served(late).ShouldBeInRange(49, 51);
        await NextMinuteAsync(old, late);
        Served(late).ShouldBeInRange(99, 101);
    }

    [Fact]
    public async Task A_tenant_at_its_own_limit_holds_nobody_else_up()
    {
        await using var limiter = Limiter(1_000, new RateLimits { TokensPerMinute = 100 });
        var first = Callers(limiter, 3, new AdmissionTerms { Tenant = "a" }, 50);
        Served(first).ShouldBe(2);
        var other = Callers(limiter, 2, new AdmissionTerms { Tenant = "b" }, 50);
        Served(other).ShouldBe(2);
        limiter.TryReserve(Input(100)).ShouldNotBeNull("who is nobody's has the limit of all alone");
        limiter.TryReserve(Input(1), "a").ShouldBeNull();
        limiter.GetStatus("a")!.ShouldSatisfyAllConditions(status => status.TotalTokens.ShouldBe(100), status => status.Waiting.ShouldBe(1), status => status.Open.ShouldBe(2));
        (await first[0]).Settle(Input(0));
        Served(first).ShouldBe(3, "its own settlement makes its own room");
    }

    [Fact]
    public async Task Tenant_and_all_are_taken_together_or_not_at_all()
    {
        await using var limiter = Limiter(150, new RateLimits { TokensPerMinute = 100, RequestsPerMinute = 2 });
        (await limiter.ReserveAsync(Input(90), new AdmissionTerms { Tenant = "a" })).Settle(Input(90));
        limiter.TryReserve(Input(20), "a").ShouldBeNull();
        limiter.GetStatus().TotalTokens.ShouldBe(90, "the tenant's refusal takes nothing of all");
        limiter.TryReserve(Input(70), "b").ShouldBeNull();
        limiter.GetStatus("b")!.TotalTokens.ShouldBe(0, "and the other way round");
        limiter.TryReserve(Input(60), "b").ShouldNotBeNull();
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Input(101), new AdmissionTerms { Tenant = "c" }).Caller())
            .Message.ShouldContain("tenant 'c'");
    }

    [Fact]
    public async Task Idle_tenants_are_forgotten_and_their_number_is_bounded()
    {
        await using var limiter = new TokenRateLimiter(
            "limit", new RateLimits { PerTenant = new RateLimits { TokensPerMinute = 100 }, MaxTenants = 500 }, _time);
        for (var tenant = 0; tenant < 5_000; tenant++)
        {
            (await limiter.ReserveAsync(Input(10), new AdmissionTerms { Tenant = $"t{tenant}" })).Settle(Input(10));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        limiter.KnownTenants.ShouldBeLessThanOrEqualTo(130, "about twice those of the last minute");
        var room = 500 - limiter.KnownTenants;
        for (var tenant = 0; tenant < room; tenant++)
            (await limiter.ReserveAsync(Input(10), new AdmissionTerms { Tenant = $"u{tenant}" })).Settle(Input(10));
        var exception = await Should.ThrowAsync<RateLimitExceededException>(async () =>
        {
            for (var tenant = 0; tenant < 500; tenant++)
                _ = await limiter.ReserveAsync(Input(10), new AdmissionTerms { Tenant = $"v{tenant}" });
        });
        exception.Message.ShouldContain("500");
        limiter.KnownTenants.ShouldBe(500);
    }

    [Fact]
    public async Task Tenants_without_limits_are_only_known_while_they_wait()
    {
        await using var limiter = Limiter(100);
        var blocker = await limiter.ReserveAsync(Input(100), new AdmissionTerms { Tenant = "x" });
        limiter.KnownTenants.ShouldBe(0);
        var callers = Enumerable.Range(0, 50).Select(number => limiter.ReserveAsync(Input(2), new AdmissionTerms { Tenant = $"t{number}" }).Caller()).ToList();
        limiter.KnownTenants.ShouldBe(50);
        blocker.Dispose();
        callers.ShouldAllBe(static caller => caller.IsCompletedSuccessfully);
        limiter.KnownTenants.ShouldBe(0);
    }
}

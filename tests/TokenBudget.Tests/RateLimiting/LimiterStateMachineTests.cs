using FsCheck;
using FsCheck.Fluent;
using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>The limiter against a model of a few lines, over random sequences of what callers, clock and provider may do.</summary>
public sealed class LimiterStateMachineTests
{
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";

    private enum Kind
    {
        Reserve, ReserveLearned, ReserveWithDeadline, TryReserve, Settle, SettleTooMuch, SettleInput, Dispose, Cancel, Advance, Leap, Correct, Pause,
    }

    private sealed record Step(Kind Kind, int Which, int Size);

    private static Arbitrary<Step[]> Sequences => Arb.From(
        (from kind in Gen.Frequency(
            (8, Gen.Constant(Kind.Reserve)), (4, Gen.Constant(Kind.ReserveLearned)), (2, Gen.Constant(Kind.ReserveWithDeadline)), (2, Gen.Constant(Kind.TryReserve)),
            (8, Gen.Constant(Kind.Settle)), (1, Gen.Constant(Kind.SettleTooMuch)), (2, Gen.Constant(Kind.SettleInput)), (2, Gen.Constant(Kind.Dispose)), (2, Gen.Constant(Kind.Cancel)),
            (5, Gen.Constant(Kind.Advance)), (2, Gen.Constant(Kind.Leap)), (1, Gen.Constant(Kind.Correct)), (1, Gen.Constant(Kind.Pause)))
         from which in Gen.Choose(0, 17)
         from size in Gen.Choose(1, 400)
         select new Step(kind, which, size)).ArrayOf(40));

    [Theory]
    [InlineData(null)]
    [InlineData("anthropic")]
    [InlineData("openai")]
    [InlineData("generic")]
    public void Used_and_reserved_are_never_over_the_limit_whatever_happens(string? provider)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(Nightly ? 25_000 : 1_000);
        Prop.ForAll(Sequences, steps => new Run(provider is null ? null : ProviderProfile.For(provider)).Do(steps)).Check(Nightly ? config : config.WithReplay(20_261_121, 1));
    }

    private sealed record Open(RateReservation Reservation, int Tenant, Claim Charge, long Since)
    {
        public Claim Charge { get; set; } = Charge;

        public TokenDemand Reserved { get; } = Reservation.Reserved;

        /// <summary>What it may use more than is held.</summary>
        public (double Input, double Output) Gap { get; set; }
    }

    /// <summary>Requests, input, output and all tokens: at once, and held until it is settled.</summary>
    private readonly record struct Claim(Amounts AtOnce, Amounts Held);

    private readonly record struct Amounts(double Requests, double Input, double Output, double Total)
    {
        public static Amounts operator +(Amounts a, Amounts b) => new(a.Requests + b.Requests, a.Input + b.Input, a.Output + b.Output, a.Total + b.Total);

        public static Amounts operator -(Amounts a, Amounts b) => new(a.Requests - b.Requests, a.Input - b.Input, a.Output - b.Output, a.Total - b.Total);

        public bool IsAtMost(Amounts most, double rounding) =>
            Requests <= most.Requests + rounding && Input <= most.Input + rounding && Output <= most.Output + rounding && Total <= most.Total + rounding;

        public static Amounts Tokens(double input, double output) => new(0, input, output, input + output);
    }

    private sealed class Run : IDisposable
    {
        private const int Lifetime = 180;
        private static readonly Amounts Configured = new(12, 800, double.MaxValue, 1_000);
        private static readonly Amounts OfTenant = new(double.MaxValue, double.MaxValue, double.MaxValue, 600);
        private readonly VirtualTimeProvider _time = new();
        private readonly ProviderProfile? _profile;
        private readonly TokenRateLimiter _limiter;
        private readonly UsageEstimator _estimator = new();
        private readonly Meter _meter;
        private readonly Meter[] _tenantMeters;
        private readonly List<Open> _open = [];
        private readonly List<(Caller Task, CancellationTokenSource Cancellation, int Tenant)> _waiting = [];
        private readonly long _start;
        private Amounts _limit = Configured;
        private long _correctedAt = long.MinValue / 2;
        private long? _pausedUntil;
        private (long Id, long At)? _probe;

        public Run(ProviderProfile? profile)
        {
            _profile = profile;
            _start = _time.GetTimestamp();
            var mode = profile is null ? RateLimitMode.StrictWindow : RateLimitMode.ProviderBucket;
            _limiter = new TokenRateLimiter(
                "limit",
                new RateLimits
                {
                    RequestsPerMinute = 12, InputTokensPerMinute = 800, TokensPerMinute = 1_000, MaxConcurrentRequests = 7, Mode = mode, Profile = profile, QueueLimit = 20,
                    ReservationLifetime = TimeSpan.FromSeconds(Lifetime), PerTenant = new RateLimits { TokensPerMinute = 600 },
                },
                _time);
            _meter = new Meter(profile is not null, Configured);
            _tenantMeters = [new Meter(profile is not null, OfTenant), new Meter(profile is not null, OfTenant)];
            for (var answer = 0; answer < 100; answer++)
                _estimator.Observe(new TokenDemand(400, 400), new TokenDemand(100, 100));
        }

        // Buckets refill by whole tokens.
        private double Rounding => _profile is null ? 1e-6 : 1;

        private long Now => _time.GetTimestamp() - _start;

        public void Do(Step[] steps)
        {
            foreach (var step in steps)
            {
                Do(step);
                Check();
            }

            Finish();
            Dispose();
        }

        public void Dispose()
        {
            _limiter.Dispose();
            foreach (var (_, cancellation, _) in _waiting)
                cancellation.Dispose();
        }

        private void Do(Step step)
        {
            switch (step.Kind)
            {
                case Kind.Reserve or Kind.ReserveLearned or Kind.ReserveWithDeadline:
                    Reserve(step);
                    break;
                case Kind.TryReserve:
                    if (_limiter.TryReserve(Demand(step), TenantName(step.Which % 3)) is { } reservation)
                        Admitted(reservation, step.Which % 3);
                    break;
                case Kind.Settle or Kind.SettleTooMuch when _open.Count > 0:
                    var most = _open[step.Which % _open.Count].Reserved;
                    var share = step.Kind == Kind.SettleTooMuch ? 3 : step.Size / 400.0;
                    Settle(step.Which % _open.Count, new TokenDemand((long)(most.InputTokens * share), (long)(most.OutputTokens * share)));
                    break;
                case Kind.SettleInput when _open.Count > 0:
                    SettleInput(_open[step.Which % _open.Count], step.Size);
                    break;
                case Kind.Dispose when _open.Count > 0:
                    Withdraw(step.Which % _open.Count);
                    break;
                case Kind.Cancel when _waiting.Count > 0:
                    _waiting[step.Which % _waiting.Count].Cancellation.Cancel();
                    break;
                case Kind.Advance:
                    Advance(TimeSpan.FromMilliseconds(step.Size * 5));
                    break;
                case Kind.Leap:
                    Advance(TimeSpan.FromSeconds(step.Size / 2.0));
                    break;
                case Kind.Correct when _profile is null:
                    // A lower limit, or the old one again.
                    _correctedAt = Now;
                    _limit = Configured with { Total = Math.Min(1_000, 400 + (step.Size * 3)) };
                    _probe = null;
                    _limiter.Correct(new RateLimitReading { TotalTokens = new LimitReading((long)_limit.Total, null, null) });
                    break;
                case Kind.Pause:
                    var until = Now + (step.Size * TimeSpan.TicksPerSecond / 10);
                    _pausedUntil = Math.Max(_pausedUntil ?? 0, until);
                    _probe = null;
                    _limiter.PauseFor(TimeSpan.FromTicks(until - Now));
                    break;
            }
        }

        private static TokenDemand Demand(Step step) => new(step.Size, step.Size * step.Which / 17);

        private static string? TenantName(int tenant) => tenant < 2 ? $"tenant {tenant}" : null;

        private void Reserve(Step step)
        {
            var cancellation = new CancellationTokenSource();
            var terms = new AdmissionTerms
            {
                Tenant = TenantName(step.Which % 3),
                Priority = (RatePriority)(step.Which / 3 % 3),
                Estimator = step.Kind == Kind.ReserveLearned ? _estimator : null,
                MaxWait = step.Kind == Kind.ReserveWithDeadline ? TimeSpan.FromSeconds(step.Size / 10.0) : null,
            };
            try
            {
                _waiting.Add((_limiter.ReserveAsync(Demand(step), terms, cancellation.Token).Caller(), cancellation, step.Which % 3));
            }
            catch (RateLimitExceededException)
            {
                cancellation.Dispose();
            }
        }

        /// <summary>To every timer on the way, so that what it admits is looked at when it happens.</summary>
        private void Advance(TimeSpan by)
        {
            var target = Now + by.Ticks;
            while (_time.NextTimer is { } next && Now + next.Ticks <= target)
            {
                _time.Advance(next);
                Check();
            }

            _time.Advance(TimeSpan.FromTicks(target - Now));
        }

        private void Settle(int index, TokenDemand used)
        {
            var open = _open[index];
            _open.RemoveAt(index);
            Answered(open);
            MoveTo();
            foreach (var meter in MetersOf(open.Tenant))
                meter.Settle(open.Since, Now, open.Charge, used, _profile);
            open.Reservation.Settle(used);
            // Twice is once.
            open.Reservation.Settle(new TokenDemand(9, 9));
        }

        private void SettleInput(Open open, int input)
        {
            if (_profile is not { CorrectsToUsage: false })
            {
                Answered(open);
                MoveTo();
                var held = open.Reservation.Held with { InputTokens = input };
                var known = ClaimOf(held);
                foreach (var meter in MetersOf(open.Tenant))
                    meter.Add(open.Since, known.AtOnce - open.Charge.AtOnce);
                open.Charge = known;
                open.Gap = (0, open.Gap.Output);
            }

            open.Reservation.SettleInput(input);
        }

        private void Withdraw(int index)
        {
            var open = _open[index];
            _open.RemoveAt(index);
            if (_probe?.Id == open.Reservation.Id)
                (_probe, _pausedUntil) = (null, Now);
            MoveTo();
            foreach (var meter in MetersOf(open.Tenant))
                meter.Add(open.Since, new Amounts() - open.Charge.AtOnce);
            open.Reservation.Dispose();
        }

        private void Answered(Open open)
        {
            if (_probe?.Id == open.Reservation.Id)
                _probe = null;
        }

        private IEnumerable<Meter> MetersOf(int tenant) => tenant < 2 ? [_meter, _tenantMeters[tenant]] : [_meter];

        private Claim ClaimOf(TokenDemand held)
        {
            var (input, output) = held;
            var request = new Amounts(1, 0, 0, 0);
            return _profile?.Output switch
            {
                null => new(request, Amounts.Tokens(input, output)),
                OutputCharge.Produced => new(request + Amounts.Tokens(input, 0), Amounts.Tokens(0, output)),
                OutputCharge.LargerOfInputAndMaximum => new(new(1, input, output, Math.Max(input, output)), default),
                _ => new(request + Amounts.Tokens(input, output), default),
            };
        }

        private void Admitted(RateReservation reservation, int tenant)
        {
            if (_pausedUntil is { } until)
            {
                Now.ShouldBeGreaterThanOrEqualTo(until, "nobody is early");
                (_probe, _pausedUntil) = ((reservation.Id, Now), null);
            }
            else if (_probe is { } probe)
            {
                (Now - probe.At).ShouldBeGreaterThanOrEqualTo(2 * TimeSpan.TicksPerSecond, "one probe");
                _probe = null;
            }

            var charge = ClaimOf(reservation.Held);
            var (bound, held) = (reservation.Reserved, reservation.Held);
            _open.Add(new Open(reservation, tenant, charge, Now) { Gap = (bound.InputTokens - held.InputTokens, bound.OutputTokens - held.OutputTokens) });
            foreach (var meter in MetersOf(tenant))
                meter.Add(Now, charge.AtOnce);
        }

        private void MoveTo()
        {
            foreach (var meter in _tenantMeters.Append(_meter))
                meter.MoveTo(Now);
        }

        private void Check()
        {
            MoveTo();
            CloseForgotten();
            if (Now - _correctedAt > 5 * TimeSpan.TicksPerMinute)
                _limit = Configured;
            var admitted = new List<(RateReservation Reservation, int Tenant)>();
            for (var index = _waiting.Count - 1; index >= 0; index--)
            {
                var (caller, cancellation, tenant) = _waiting[index];
                if (!caller.IsCompleted)
                    continue;
                _waiting.RemoveAt(index);
                cancellation.Dispose();
                if (caller.IsCompletedSuccessfully)
                    admitted.Add((caller.Result, tenant));
                else if (caller.IsFaulted)
                    caller.Error.ShouldBeOfType<RateLimitExceededException>();
            }

            foreach (var (reservation, tenant) in admitted.OrderBy(static one => one.Reservation.Id))
                Admitted(reservation, tenant);
            if (admitted.Count > 0)
            {
                Taken(_meter, _open).IsAtMost(_limit, Rounding).ShouldBeTrue($"{Taken(_meter, _open)} of {_limit}");
                for (var tenant = 0; tenant < 2; tenant++)
                    if (admitted.Any(one => one.Tenant == tenant))
                        Taken(_tenantMeters[tenant], _open.Where(one => one.Tenant == tenant)).IsAtMost(OfTenant, Rounding).ShouldBeTrue($"tenant {tenant}");
            }

            var status = _limiter.GetStatus();
            (status.Open, status.Waiting).ShouldBe((_open.Count, _waiting.Count));
            status.Open.ShouldBeLessThanOrEqualTo(7);
        }

        /// <summary>What is used and held, and the room beside it for those that use more than expected.</summary>
        private static Amounts Taken(Meter meter, IEnumerable<Open> open)
        {
            var all = open.ToList();
            return all.Aggregate(meter.Used, static (sum, one) => sum + one.Charge.Held) + new Amounts(
                0,
                Math.Sqrt(all.Sum(static one => one.Gap.Input * one.Gap.Input)),
                0,
                Math.Sqrt(all.Sum(static one => (one.Gap.Input + one.Gap.Output) * (one.Gap.Input + one.Gap.Output))));
        }

        private void CloseForgotten()
        {
            foreach (var open in _open.Where(one => Now - (Lifetime * TimeSpan.TicksPerSecond) > one.Since).ToList())
            {
                _open.Remove(open);
                var bound = open.Reserved;
                var held = open.Charge.AtOnce + open.Charge.Held;
                // What is known of its input stays known.
                var used = new TokenDemand((long)(held.Input + open.Gap.Input), bound.OutputTokens);
                foreach (var meter in MetersOf(open.Tenant))
                    meter.Settle(open.Since, Now, open.Charge, used, _profile);
            }
        }

        /// <summary>Everybody is served in the end, and nothing is left.</summary>
        private void Finish()
        {
            for (var round = 0; round < 2_000 && _open.Count + _waiting.Count > 0; round++)
            {
                while (_open.Count > 0)
                {
                    // What one lets in is there before the next one ends.
                    Settle(0, new TokenDemand(1, 1));
                    Check();
                }

                if (_waiting.Count > 0 && _open.Count == 0)
                    Advance(TimeSpan.FromSeconds(1));
                Check();
            }

            _waiting.ShouldBeEmpty("somebody waits for ever");
            Advance(TimeSpan.FromMinutes(15));
            var status = _limiter.GetStatus();
            (status.Open, status.Waiting, status.Requests, status.TotalTokens).ShouldBe((0, 0, 0, 0));
            _time.PendingTimers.ShouldBe(0);
            _limiter.TryReserve(new TokenDemand(600, 0), "tenant 0").ShouldNotBeNull();
        }
    }

    /// <summary>A list of what was used, or the level of buckets.</summary>
    private sealed class Meter(bool isBucket, Amounts perMinute)
    {
        private readonly List<(long At, Amounts Amounts)> _events = [];
        private Amounts _level;
        private long _now;

        public Amounts Used => isBucket ? _level : _events.Aggregate(default(Amounts), static (sum, one) => sum + one.Amounts);

        public void MoveTo(long now)
        {
            var minutes = (now - _now) / (double)TimeSpan.TicksPerMinute;
            _now = now;
            _events.RemoveAll(one => one.At + TimeSpan.TicksPerMinute <= now);
            _level = new Amounts(Left(_level.Requests, perMinute.Requests), Left(_level.Input, perMinute.Input), Left(_level.Output, perMinute.Output), Left(_level.Total, perMinute.Total));

            double Left(double level, double rate) => minutes == 0 ? level : Math.Max(0, level - (rate * minutes));
        }

        public void Add(long at, Amounts amounts)
        {
            if (isBucket)
                _level = new Amounts(Math.Max(0, _level.Requests + amounts.Requests), Math.Max(0, _level.Input + amounts.Input), Math.Max(0, _level.Output + amounts.Output), Math.Max(0, _level.Total + amounts.Total));
            else if (at + TimeSpan.TicksPerMinute > _now)
                _events.Add((at, amounts));
        }

        public void Settle(long admitted, long now, Claim claim, TokenDemand used, ProviderProfile? profile)
        {
            if (!isBucket)
            {
                Add(admitted, Amounts.Tokens(used.InputTokens, 0));
                Add(now, Amounts.Tokens(0, used.OutputTokens));
            }
            else if (profile!.CorrectsToUsage)
            {
                Add(now, new Amounts(1, 0, 0, 0) + Amounts.Tokens(used.InputTokens, used.OutputTokens) - claim.AtOnce);
            }
        }
    }
}

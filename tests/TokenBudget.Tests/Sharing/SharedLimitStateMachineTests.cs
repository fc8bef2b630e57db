using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using TokenBudget.RateLimiting;
using TokenBudget.Sharing;

namespace TokenBudget.Tests.Sharing;

/// <summary>Several processes on one limit, over random sequences of what callers, network, store and the end of a process may do.</summary>
public sealed class SharedLimitStateMachineTests
{
    private const int Processes = 4;
    private const long Limit = 1_000;
    private const long Requests = 40;

    /// <summary>The nightly run in pieces, for machines that end long work: with <c>TOKENBUDGET_NIGHTLY_PART=3/12</c> a twelfth of it. Each piece draws its own sequences.</summary>
    private static readonly int Pieces = int.Parse((Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY_PART") ?? "1/1").Split('/')[1], CultureInfo.InvariantCulture);
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);

    private enum Kind
    {
        Reserve, Settle, Dispose, Exchange, LostRequest, LostReply, LateRequest, CutOff, StoreAway, Empty, Kill, Advance, Leap,
    }

    private sealed record Step(Kind Kind, int Process, int Size);

    private static Arbitrary<Step[]> Sequences => Arb.From(
        (from kind in Gen.Frequency(
            (12, Gen.Constant(Kind.Reserve)), (6, Gen.Constant(Kind.Settle)), (2, Gen.Constant(Kind.Dispose)), (5, Gen.Constant(Kind.Exchange)),
            (1, Gen.Constant(Kind.LostRequest)), (2, Gen.Constant(Kind.LostReply)), (2, Gen.Constant(Kind.LateRequest)), (1, Gen.Constant(Kind.CutOff)),
            (1, Gen.Constant(Kind.StoreAway)), (1, Gen.Constant(Kind.Empty)), (1, Gen.Constant(Kind.Kill)), (4, Gen.Constant(Kind.Advance)), (1, Gen.Constant(Kind.Leap)))
         from process in Gen.Choose(0, Processes - 1)
         from size in Gen.Choose(1, 400)
         select new Step(kind, process, size)).ArrayOf(100));

    [Theory]
    [InlineData(StoreFallback.FailClosed)]
    [InlineData(StoreFallback.LocalShare)]
    public void All_processes_together_never_use_more_than_the_limit(StoreFallback fallback)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(Nightly ? 25_000 / Pieces : 400);
        var (admitted, emptied) = (0, 0);
        Prop.ForAll(Sequences, steps =>
        {
            using var run = new Run(fallback);
            run.Do(steps);
            (admitted, emptied) = (admitted + run.Admitted, emptied + run.Emptied);
        }).Check(Nightly ? config : config.WithReplay(20_261_122, 1));
        admitted.ShouldBeGreaterThan(1_000, "otherwise nothing was tried");
        emptied.ShouldBeGreaterThan(100, "otherwise nothing was forgotten");
    }

    private sealed class Run(StoreFallback fallback) : IDisposable
    {
        private readonly VirtualTimeProvider _time = new();
        private readonly List<Member> _members = [];
        private readonly List<(long At, long Tokens)> _used = [];
        private InMemorySharedLimitStore _store = null!;
        private TimeSpan _storeAway;

        // Of those who had a share when the store was emptied, one has to tell it; and who is cut off for longer than a minute after that is not left room for.
        private Member? _witness;
        private long _emptiedAt = long.MinValue / 2;

        public int Admitted { get; private set; }

        public int Emptied { get; private set; }

        private bool IsForgetful => _witness is not null || _time.GetTimestamp() - _emptiedAt < TimeSpan.TicksPerSecond * 65;

        public void Do(Step[] steps)
        {
            _store = new InMemorySharedLimitStore(_time);
            for (var i = 0; i < Processes; i++)
                _members.Add(new Member(_time, fallback));
            foreach (var step in steps)
            {
                Do(step, _members[step.Process]);
                Collect();
                Check(step);
            }
        }

        public void Dispose() => _members.ForEach(static member => member.Dispose());

        private void Do(Step step, Member member)
        {
            switch (step.Kind)
            {
                case Kind.Reserve:
                    Reserve(member, step.Size);
                    break;
                case Kind.Settle when member.Open.Count > 0:
                    Settle(member, step.Size % member.Open.Count, step.Size % 3);
                    break;
                case Kind.Dispose when member.Open.Count > 0:
                    member.Open[step.Size % member.Open.Count].Reservation.Dispose();
                    member.Open.RemoveAt(step.Size % member.Open.Count);
                    break;
                case Kind.Exchange:
                    Exchange(member);
                    break;
                case Kind.LostRequest:
                    member.Limiter.Bid();
                    member.Limiter.WorkAlone();
                    break;
                case Kind.LostReply when _storeAway <= TimeSpan.Zero:
                    Send(member, member.Limiter.Bid());
                    member.Limiter.WorkAlone();
                    break;
                case Kind.LateRequest when member.CutOff <= TimeSpan.Zero && _storeAway <= TimeSpan.Zero:
                    var late = member.Limiter.Bid();
                    var sequence = ++member.Sequence;
                    member.Limiter.WorkAlone();
                    Exchange(member);
                    Reserve(member, step.Size);
                    _store.ExchangeAsync(member.Holder, sequence, late, member.Limiter.Terms).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
                    break;
                case Kind.CutOff when member != _witness && member.CutOff <= TimeSpan.Zero:
                    member.CutOff = TimeSpan.FromSeconds(step.Size % 50);
                    break;
                case Kind.StoreAway when !IsForgetful:
                    _storeAway = TimeSpan.FromSeconds(step.Size / 3);
                    break;
                case Kind.Empty when _witness is null && _storeAway <= TimeSpan.Zero && _members.Exists(static one => one.CutOff <= TimeSpan.Zero && one.HasHeard):
                    _store.Clear();
                    _witness = _members.First(static one => one.CutOff <= TimeSpan.Zero && one.HasHeard);
                    _emptiedAt = _time.GetTimestamp();
                    Emptied++;
                    if (member == _witness)
                        break;
                    // The first to ask is one that has only now come.
                    member = Replace(member);
                    Reserve(member, step.Size);
                    Exchange(member);
                    break;
                case Kind.Kill when member != _witness:
                    Replace(member);
                    break;
                case Kind.Advance:
                    Advance(TimeSpan.FromMilliseconds(step.Size * 10));
                    break;
                case Kind.Leap:
                    Advance(TimeSpan.FromSeconds(step.Size / 4));
                    break;
            }
        }

        /// <summary>Kills a process. What was under way may have been used; a new one takes its place.</summary>
        private Member Replace(Member member)
        {
            _used.AddRange(member.Open.Select(static open => (open.At, open.Tokens)));
            member.Dispose();
            return _members[_members.IndexOf(member)] = new Member(_time, fallback);
        }

        private void Reserve(Member member, long tokens)
        {
            try
            {
                member.Waiting.Add((member.RateLimiter.ReserveAsync(new TokenDemand(tokens, 0)), tokens, _time.GetTimestamp()));
            }
            catch (SharedLimitUnavailableException)
            {
            }
        }

        private void Collect()
        {
            foreach (var member in _members)
            {
                foreach (var (task, tokens, since) in member.Waiting.Where(static waiting => waiting.Task.IsCompletedSuccessfully).ToList())
                {
                    Admitted++;
                    var reservation = task.Result;
                    member.Open.Add((reservation, since + reservation.Waited.Ticks, tokens));
                }

                member.Waiting.RemoveAll(static waiting => waiting.Task.IsCompleted);
            }
        }

        private void Settle(Member member, int index, int part)
        {
            var (reservation, at, tokens) = member.Open[index];
            member.Open.RemoveAt(index);
            var used = tokens * part / 2;
            reservation.Settle(new TokenDemand(Math.Min(used, tokens), 0));
            _used.Add((at, Math.Min(used, tokens)));
        }

        /// <summary>No request is longer than a minute: what is under way in one process counts for it whatever becomes of the others.</summary>
        private void SettleWhatIsOld()
        {
            foreach (var member in _members)
                for (var i = member.Open.Count - 1; i >= 0; i--)
                    if (_time.GetTimestamp() - member.Open[i].At > TimeSpan.TicksPerSecond * 50)
                        Settle(member, i, 2);
        }

        private void Exchange(Member member)
        {
            var bids = member.Limiter.Bid();
            if (member.CutOff > TimeSpan.Zero || _storeAway > TimeSpan.Zero)
                member.Limiter.WorkAlone();
            else
                {
                var shares = Send(member, bids);
                member.Limiter.Take(member.Sequence, shares, 0);
                member.HasHeard = true;
            }
        }

        private IReadOnlyList<LimitShare> Send(Member member, IReadOnlyList<ShareBid> bids)
        {
            _witness = member == _witness ? null : _witness;
            return _store.ExchangeAsync(member.Holder, ++member.Sequence, bids, member.Limiter.Terms).Result;
        }

        /// <summary>Time passes, and every process renews as it goes.</summary>
        private void Advance(TimeSpan by)
        {
            while (by > TimeSpan.Zero)
            {
                var step = by < Lifetime / 4 ? by : Lifetime / 4;
                by -= step;
                _storeAway -= step;
                _time.Advance(step);
                SettleWhatIsOld();
                foreach (var member in _members)
                {
                    member.CutOff -= step;
                    Exchange(member);
                }

                Collect();
                Check(null);
            }
        }

        private void Check(Step? step)
        {
            var minuteAgo = _time.GetTimestamp() - TimeSpan.TicksPerMinute;
            _used.RemoveAll(use => use.At <= minuteAgo - TimeSpan.TicksPerMinute);
            var used = _used.Where(use => use.At > minuteAgo).ToList();
            var open = _members.SelectMany(static member => member.Open).ToList();
            (used.Sum(static use => use.Tokens) + open.Sum(static held => held.Tokens)).ShouldBeLessThanOrEqualTo(Limit, step?.ToString());
            (used.Count + open.Count(held => held.At > minuteAgo)).ShouldBeLessThanOrEqualTo((int)Requests, step?.ToString());
        }
    }

    private sealed class Member : IDisposable
    {
        public Member(VirtualTimeProvider time, StoreFallback fallback)
        {
            RateLimiter = new TokenRateLimiter("l", new RateLimits { TokensPerMinute = Limit, RequestsPerMinute = Requests, WhenStoreIsAway = fallback }, time);
            Limiter = new SharedLimiter(RateLimiter, Lifetime, static () => { });
        }

        public Guid Holder { get; } = Guid.NewGuid();

        public long Sequence { get; set; }

        public bool HasHeard { get; set; }

        public TimeSpan CutOff { get; set; }

        public TokenRateLimiter RateLimiter { get; }

        public SharedLimiter Limiter { get; }

        public List<(RateReservation Reservation, long At, long Tokens)> Open { get; } = [];

        public List<(ValueTask<RateReservation> Task, long Tokens, long Since)> Waiting { get; } = [];

        public void Dispose() => RateLimiter.Dispose();
    }
}

using FsCheck;
using FsCheck.Fluent;
using TokenBudget.Costs;
using TokenBudget.Models;
using static TokenBudget.Tests.Costs.CostSample;

namespace TokenBudget.Tests.Costs;

/// <summary>The tracker against a model of a few lines, over random sequences of what can happen to a budget.</summary>
public sealed class BudgetStateMachineTests
{
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";

    private enum Kind
    {
        Reserve, Settle, Dispose, Approve, Pause, Advance, ChangeLimit, Delete, Restart,
    }

    private sealed record Step(Kind Kind, int Which, int Cents);

    private static Arbitrary<Step[]> Sequences => Arb.From(
        (from kind in Gen.Frequency(
            (10, Gen.Constant(Kind.Reserve)), (6, Gen.Constant(Kind.Settle)), (2, Gen.Constant(Kind.Dispose)), (1, Gen.Constant(Kind.Approve)), (1, Gen.Constant(Kind.Pause)),
            (1, Gen.Constant(Kind.Advance)), (1, Gen.Constant(Kind.ChangeLimit)), (1, Gen.Constant(Kind.Delete)), (1, Gen.Constant(Kind.Restart)))
         from which in Gen.Choose(0, 7)
         from cents in Gen.Choose(0, 60)
         select new Step(kind, which, cents)).ArrayOf(24));

    [Fact]
    public void Spent_and_reserved_are_never_over_limit_and_approved_whatever_happens()
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(Nightly ? 100_000 : 5_000);
        Prop.ForAll(Sequences, static steps => new Run().Do(steps)).Check(Nightly ? config : config.WithReplay(20_260_101, 1));
    }

    /// <summary>Three budgets of one call: the agent's day, its tenant's hour that pauses, and one for everything that is never over.</summary>
    private sealed class Run
    {
        private readonly VirtualTimeProvider _time = new();
        private readonly InMemoryLedger _ledger = new();
        private readonly Dictionary<(string Name, DateTimeOffset? From), Account> _accounts = [];
        private readonly List<(CostReservation Reservation, List<Account> Held, int Tenant)> _open = [];
        private readonly int[] _limits = [150, 80, 400];
        private readonly bool[] _deleted = new bool[3];
        private readonly HashSet<string> _byHand = [];
        private readonly HashSet<(string Budget, DateTimeOffset? Period, Usd Threshold)> _alerts = [];
        private CostTracker _tracker;

        public Run() => _tracker = NewTracker();

        public void Do(Step[] steps)
        {
            foreach (var step in steps)
            {
                Do(step);
                Check();
            }
        }

        private void Do(Step step)
        {
            switch (step.Kind)
            {
                case Kind.Reserve:
                    Reserve(step.Which % 2, step.Cents);
                    break;
                case Kind.Settle when _open.Count > 0:
                    Settle(step.Which % _open.Count, step.Cents);
                    break;
                case Kind.Dispose when _open.Count > 0:
                    var (reservation, held, _) = _open[step.Which % _open.Count];
                    _open.RemoveAt(step.Which % _open.Count);
                    reservation.Dispose();
                    reservation.Dispose();
                    held.ForEach(account => account.Reserved -= (int)(reservation.Amount.Dollars * 100));
                    break;
                case Kind.Approve:
                    Approve(step.Which, step.Cents);
                    break;
                case Kind.Pause:
                    Pause(step.Which);
                    break;
                case Kind.Advance:
                    _time.Advance(TimeSpan.FromMinutes(step.Cents * 12));
                    break;
                case Kind.ChangeLimit:
                    // Lowered below what is spent, raised after a pause: only what comes afterwards is asked.
                    _limits[step.Which % 3] = step.Cents * 5;
                    break;
                case Kind.Delete:
                    _deleted[step.Which % 3] ^= step.Which % 3 != 0;
                    break;
                case Kind.Restart:
                    Restart();
                    break;
            }
        }

        private List<CostBudget> Budgets(int tenant) => [.. All(tenant).Where((_, index) => !_deleted[index])];

        private IEnumerable<CostBudget> BudgetsEver() => All(0).Concat(All(1)).DistinctBy(static budget => budget.Name);

        private CostBudget[] All(int tenant) =>
            [
                new("agent", Cents(_limits[0]), BudgetPeriod.Day),
                new($"agent/tenant:{tenant}", Cents(_limits[1]), BudgetPeriod.Hour)
                {
                    AtLimit = AtLimit.Pause, Lines = new LedgerQuery { Budget = "agent", Tenant = $"{tenant}" },
                },
                new("all", Cents(_limits[2]), BudgetPeriod.Total) { Lines = new LedgerQuery() },
            ];

        private void Reserve(int tenant, int cents)
        {
            var budgets = Budgets(tenant);
            var accounts = budgets.ConvertAll(AccountOf);
            var refusing = -1;
            for (var i = 0; i < budgets.Count && refusing < 0; i++)
                if (accounts[i].Paused || accounts[i].Settled + accounts[i].Reserved + cents > CentsOf(budgets[i].Limit!.Value) + accounts[i].Approved)
                    refusing = i;
            if (refusing >= 0 && budgets[refusing].AtLimit == AtLimit.Pause)
                accounts[refusing].Paused = true;
            try
            {
                var reservation = Now(_tracker.ReserveAsync(budgets, Cents(cents)));
                refusing.ShouldBe(-1, "it was admitted");
                accounts.ForEach(account => account.Reserved += cents);
                _open.Add((reservation, accounts, tenant));
            }
            catch (BudgetExceededException exception)
            {
                refusing.ShouldBeGreaterThanOrEqualTo(0);
                exception.Status.Name.ShouldBe(budgets[refusing].Name);
                accounts[refusing].Paused.ShouldBeFalse();
            }
            catch (BudgetPausedException exception)
            {
                refusing.ShouldBeGreaterThanOrEqualTo(0);
                exception.Status.Name.ShouldBe(budgets[refusing].Name);
                accounts[refusing].Paused.ShouldBeTrue();
            }
        }

        private void Settle(int index, int cents)
        {
            var (reservation, held, tenant) = _open[index];
            _open.RemoveAt(index);
            var amount = CentsOf(reservation.Amount);
            // A provider that lies charges more than was reserved.
            var cost = cents > 55 ? amount + 3 : Math.Min(cents, amount);
            for (var again = 0; again < 2; again++)
                Now(_tracker.SettleAsync(reservation, Entry(cost / 100m) with { Tenant = $"{tenant}" }));
            foreach (var account in held)
            {
                account.Reserved -= amount;
                account.Settled += cost;
            }

            // Other periods and budgets of the model that count these lines: those that were deleted when the call was made.
            foreach (var ((name, from), account) in _accounts.Where(other => !held.Contains(other.Value)))
                if (Counts(name, from, reservation.At, tenant))
                    account.InLedgerOnly += cost;
        }

        private void Approve(int which, int cents)
        {
            var (name, current) = CurrentOf(which);
            Now(_tracker.ApproveAsync(name, Cents(cents))).ShouldBe(current.Count > 0);
            foreach (var account in current)
            {
                account.Approved += cents;
                account.Paused = false;
                _byHand.Remove(name);
            }
        }

        private void Pause(int which)
        {
            var (name, current) = CurrentOf(which);
            Now(_tracker.PauseAsync(name, name)).ShouldBe(current.Count > 0);
            foreach (var account in current)
            {
                account.Paused = true;
                _byHand.Add(name);
            }
        }

        private (string Name, List<Account> Current) CurrentOf(int which)
        {
            var name = which % 4 == 3 ? "all" : which % 4 == 2 ? "agent" : $"agent/tenant:{which % 4}";
            return (name, [.. _accounts.Where(account => account.Key.Name == name && account.Key.From == PeriodOf(name).PeriodOf(_time.GetUtcNow()).From && !account.Value.Unread).Select(static account => account.Value)]);
        }

        /// <summary>What was held is lost with the process; what was settled and approved is in the ledger, also for budgets that were deleted meanwhile.</summary>
        private void Restart()
        {
            _tracker = NewTracker();
            _open.Clear();
            foreach (var key in _accounts.Keys.ToList())
            {
                var old = _accounts[key];
                _accounts[key] = new Account { Settled = old.Settled + old.InLedgerOnly, Approved = old.Approved, Paused = _byHand.Contains(key.Name), Unread = true };
            }
        }

        private void Check()
        {
            foreach (var status in _tracker.GetStatus())
            {
                if (!_accounts.TryGetValue((status.Name, status.PeriodStart), out var account) || account.Unread)
                {
                    // Its period has begun without a call of it.
                    _byHand.ShouldContain(status.Name);
                    account = AccountOf(BudgetsEver().Single(budget => budget.Name == status.Name));
                }

                (status.PausedByHand?.Reason == status.Name).ShouldBe(_byHand.Contains(status.Name), status.Name);
                var found = (CentsOf(status.Settled), CentsOf(status.Reserved), CentsOf(status.Approved), status.IsPaused);
                if (found != (account.Settled, account.Reserved, account.Approved, account.Paused) || status.Reserved < Usd.Zero)
                    Assert.Fail($"{status} is not {account.Settled} + {account.Reserved}, {account.Approved} approved, paused: {account.Paused}");
            }
        }

        private Account AccountOf(CostBudget budget)
        {
            var now = _time.GetUtcNow();
            var key = (budget.Name, budget.PeriodOf(now).From);
            if (!_accounts.TryGetValue(key, out var account))
                _accounts[key] = account = new Account { Settled = InLedger(budget, now), Paused = _byHand.Contains(budget.Name) };
            if (account.Unread)
            {
                account.Settled += account.InLedgerOnly;
                account.InLedgerOnly = 0;
                account.Unread = false;
            }

            return account;
        }

        /// <summary>A budget that was deleted, or did not exist, finds what its lines say.</summary>
        private int InLedger(CostBudget budget, DateTimeOffset now)
        {
            var (from, until) = budget.PeriodOf(now);
            return CentsOf(Now(_ledger.SumCostAsync((budget.Lines ?? new LedgerQuery { Budget = budget.Name }) with { From = from, Until = until })));
        }

        private static bool Counts(string name, DateTimeOffset? from, DateTimeOffset at, int tenant) =>
            (name is "all" or "agent" || name == $"agent/tenant:{tenant}") && PeriodOf(name).PeriodOf(at).From == from;

        private static CostBudget PeriodOf(string name) => new(name, null, name switch
        {
            "all" => BudgetPeriod.Total,
            "agent" => BudgetPeriod.Day,
            _ => BudgetPeriod.Hour,
        });

        private CostTracker NewTracker()
        {
            var tracker = new CostTracker(_ledger, _time);
            tracker.AlertRaised += (_, alert) => _alerts.Add((alert.Budget, alert.PeriodStart, alert.Threshold)).ShouldBeTrue("a threshold is told once, also after a restart");
            return tracker;
        }

        private static Usd Cents(int cents) => Dollars(cents / 100m);

        private static int CentsOf(Usd amount) => (int)(amount.Dollars * 100);

        private static T Now<T>(ValueTask<T> task)
        {
            task.IsCompleted.ShouldBeTrue("nothing here has to be waited for");
            return task.GetAwaiter().GetResult();
        }

        private static void Now(ValueTask task)
        {
            task.IsCompleted.ShouldBeTrue("nothing here has to be waited for");
            task.GetAwaiter().GetResult();
        }
    }

    private sealed class Account
    {
        public int Settled { get; set; }

        public int Reserved { get; set; }

        public int Approved { get; set; }

        public bool Paused { get; set; }

        /// <summary>Spent while the budget was deleted: its running account does not know it, the ledger does.</summary>
        public int InLedgerOnly { get; set; }

        public bool Unread { get; set; }
    }
}

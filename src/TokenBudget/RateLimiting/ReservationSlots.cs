using System.Runtime.CompilerServices;

namespace TokenBudget.RateLimiting;

/// <summary>The open reservations, in the order of their admission. Slots are used again, so that a reservation allocates nothing; its number is not, so that a late settlement finds nobody.</summary>
/// <remarks>Not thread-safe: its owner holds a lock.</remarks>
internal sealed class ReservationSlots
{
    private const int None = -1;
    private Slot[] _slots = new Slot[16];
    private int _free = None;
    private int _used;
    private int _oldest = None;
    private int _newest = None;
    private long _lastId;

    public int Count { get; private set; }

    /// <summary>The instant the oldest was admitted.</summary>
    public long OldestAdmitted => _oldest == None ? long.MaxValue : _slots[_oldest].Admitted;

    public (int Index, long Id) Open(in RateClaim claim, long admitted, TenantState? tenant)
    {
        var index = _free;
        if (index != None)
        {
            _free = _slots[index].Next;
        }
        else
        {
            if (_used == _slots.Length)
                Array.Resize(ref _slots, _used * 2);
            index = _used++;
        }

        var id = ++_lastId;
        _slots[index] = new Slot(id, claim, admitted, tenant, _newest, None);
        if (_newest == None)
            _oldest = index;
        else
            _slots[_newest].Next = index;
        _newest = index;
        Count++;
        return (index, id);
    }

    /// <summary>Whether a reservation is open still; closes it.</summary>
    public bool TryClose(int index, long id, out Slot closed)
    {
        closed = _slots[index];
        if (closed.Id != id)
            return false;
        Link(closed.Previous, closed.Next);
        _slots[index] = new Slot { Next = _free };
        _free = index;
        Count--;
        return true;
    }

    /// <summary>The claim of a reservation that is open still, to be changed; a null reference when it is not.</summary>
    public ref Slot Find(int index, long id) => ref _slots[index].Id == id ? ref _slots[index] : ref Unsafe.NullRef<Slot>();

    /// <summary>Closes the oldest.</summary>
    public Slot CloseOldest()
    {
        TryClose(_oldest, _slots[_oldest].Id, out var closed);
        return closed;
    }

    /// <summary>Goes over all, the newest first.</summary>
    public IEnumerable<Slot> NewestFirst()
    {
        for (var index = _newest; index != None; index = _slots[index].Previous)
            yield return _slots[index];
    }

    private void Link(int previous, int next)
    {
        if (previous == None)
            _oldest = next;
        else
            _slots[previous].Next = next;
        if (next == None)
            _newest = previous;
        else
            _slots[next].Previous = previous;
    }

    /// <summary>One reservation. Without a number: none.</summary>
    internal struct Slot(long id, RateClaim claim, long admitted, TenantState? tenant, int previous, int next)
    {
        public readonly long Id = id;
        public RateClaim Claim = claim;
        public readonly long Admitted = admitted;
        public readonly TenantState? Tenant = tenant;
        public int Previous = previous;
        public int Next = next;
    }
}

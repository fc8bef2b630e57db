using Microsoft.Extensions.AI;

namespace TokenBudget.Windowing;

/// <summary>When units were made, where messages say so (<see cref="ChatMessage.CreatedAt"/>).</summary>
/// <remarks>
/// A message that does not say is as old as the newest one before it, and those before the first that does as old as that one. An answer from a cache says when it was
/// first made; what comes later cannot be older.
/// </remarks>
internal sealed class UnitTimes
{
    private readonly long[] _ticks;
    private readonly long[] _pauses;

    private UnitTimes(int units)
    {
        _ticks = new long[units];
        _pauses = new long[units];
    }

    /// <summary>The times of a history; <see langword="null"/> when no message has one.</summary>
    public static UnitTimes? Of(ReadOnlySpan<ChatMessage> messages, List<MessageUnit> units)
    {
        UnitTimes? times = null;
        var newest = 0L;
        var unit = 0;
        var pause = 0L;
        for (var index = 0; index < messages.Length; index++)
        {
            while (unit < units.Count && units[unit].End <= index)
                Close();
            if (messages[index].CreatedAt is not { } made || made.UtcTicks <= newest)
                continue;
            if (times is null)
            {
                times = new UnitTimes(units.Count);
                times._ticks.AsSpan(0, Math.Min(unit, units.Count)).Fill(made.UtcTicks);
            }
            else
            {
                pause = Math.Max(pause, made.UtcTicks - newest);
            }

            newest = made.UtcTicks;
        }

        while (unit < units.Count)
            Close();
        return times;

        void Close()
        {
            if (times is not null)
            {
                times._ticks[unit] = newest;
                // A pause before a system message is one before what follows it.
                times._pauses[unit] = pause;
                pause = 0;
            }

            unit++;
        }
    }

    /// <summary>From the newest message up to and including one unit to the newest up to and including another.</summary>
    public TimeSpan Between(int older, int newer) => new(_ticks[newer] - _ticks[older]);

    /// <summary>The longest pause before or within a unit.</summary>
    public TimeSpan PauseOf(int unit) => new(_pauses[unit]);
}

namespace TokenBudget.TestSupport;

/// <summary>
/// The clock of the machine, but an hour off where it is near midnight of UTC: what is counted by the day would begin anew in the middle of a test that is about something else.
/// </summary>
public sealed class DaytimeClock : TimeProvider
{
    /// <summary>How far it is off.</summary>
    public TimeSpan Shift { get; } = System.GetUtcNow().Hour switch
    {
        23 => TimeSpan.FromHours(-1),
        0 => TimeSpan.FromHours(1),
        _ => TimeSpan.Zero,
    };

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
}

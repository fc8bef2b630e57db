namespace TokenBudget.Testing;

/// <summary>A connection to the simulator. Guarded by the provider's lock, except for copies.</summary>
internal sealed record Connection
{
    /// <summary>Its place in the order of all openings and closings: a clock that stands still could not tell them apart.</summary>
    public required int Opened { get; init; }

    /// <summary>The same of its end; <see langword="null"/> while it is open.</summary>
    public int? Closed { get; set; }

    /// <summary>The last request that it carried.</summary>
    public Exchange? Last { get; set; }

    /// <summary>The most that were open at once.</summary>
    public static int MostAtOnce(IReadOnlyList<Connection> connections)
    {
        var (open, most) = (0, 0);
        foreach (var (_, change) in connections
            .SelectMany(connection => connection.Closed is { } closed ? [(connection.Opened, 1), (closed, -1)] : ((int Place, int Change)[])[(connection.Opened, 1)])
            .OrderBy(turn => turn.Item1))
        {
            open += change;
            most = Math.Max(most, open);
        }

        return most;
    }
}

namespace TokenBudget.AspNetCore.Alerts;

/// <summary>The first message of a connection.</summary>
/// <param name="HeartbeatSeconds">After how much silence a heartbeat comes; a client that hears nothing for twice as long should connect anew.</param>
/// <param name="Replayed">How many alerts of before follow.</param>
internal sealed record Hello(double HeartbeatSeconds, int Replayed)
{
    public int V => 1;

    public string Type => "hello";
}

/// <summary>A sign of life.</summary>
internal sealed record Heartbeat(DateTimeOffset At)
{
    public int V => 1;

    public string Type => "heartbeat";
}

/// <summary>Answer of a plain <c>GET /api/alerts</c>: for those who ask now and then.</summary>
/// <param name="Alerts">The newest, oldest first.</param>
internal sealed record RecentAlerts(IReadOnlyList<AlertMessage> Alerts)
{
    public int V => 1;
}

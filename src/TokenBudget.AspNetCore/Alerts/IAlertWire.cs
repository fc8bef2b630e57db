namespace TokenBudget.AspNetCore.Alerts;

/// <summary>How messages reach one client.</summary>
internal interface IAlertWire
{
    /// <summary>Cancelled when the client has left.</summary>
    CancellationToken Left { get; }

    /// <summary>Sends one message whole.</summary>
    Task SendAsync(Frame frame, CancellationToken cancellationToken);

    /// <summary>Says goodbye; the client is to come again.</summary>
    Task CloseAsync(CancellationToken cancellationToken);

    /// <summary>Breaks the connection off.</summary>
    void Abort();
}

using System.Diagnostics;
using Microsoft.Extensions.AI;
using TokenBudget.Retries;

namespace TokenBudget.Calls;

/// <summary>What is learned about the provider behind one chat client.</summary>
internal sealed class ClientState(IChatClient client, bool canRepeat)
{
    private int _hasWarned;

    /// <summary>Whether a request may be sent twice. The user's own code in its place may not: nobody knows what it does.</summary>
    public bool CanRepeat => canRepeat;

    /// <summary>Whether requests may be sent through budgeted clients inside.</summary>
    public bool MayEnclose { get; } = !canRepeat || client.GetService<BudgetedChatClient>() is not null;

    /// <summary>Whether it makes spans of its own, as one with <c>UseOpenTelemetry()</c> does, which gives its source to whoever asks.</summary>
    public bool IsTraced { get; } = canRepeat && client.GetService<ActivitySource>() is not null;

    /// <summary>Whether a request was answered.</summary>
    public bool HasAnswered { get; set; }

    /// <summary>
    /// Whether somebody on the way to the wire may look for the exchange: a handler, if there is any, or a budgeted client inside. A client's first request may be the one that makes its handler.
    /// </summary>
    public bool MayBeHeard => RateLimitHeaderHandler.Exists || MayEnclose || !HasAnswered;

    /// <summary>Whose account pays, as far as the wire was seen; before, the provider's name.</summary>
    public string Account { get; set; } = NameOf(client.GetService<ChatClientMetadata>());

    /// <summary>True once.</summary>
    public bool ShouldWarn() => Interlocked.Exchange(ref _hasWarned, 1) == 0;

    private static string NameOf(ChatClientMetadata? metadata) => metadata?.ProviderUri?.Authority ?? metadata?.ProviderName ?? "The provider";
}

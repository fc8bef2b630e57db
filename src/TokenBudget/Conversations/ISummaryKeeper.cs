namespace TokenBudget.Conversations;

/// <summary>Where the summaries of one conversation are kept.</summary>
internal interface ISummaryKeeper
{
    /// <summary>What the conversation is known by.</summary>
    string Id { get; }

    /// <summary>Who may summarize.</summary>
    SummaryGate Gate { get; }

    /// <summary>When a prompt of the conversation was last sent, where this is not known by its newest message.</summary>
    DateTimeOffset? LastSent { get; }

    /// <summary>The newest summary anybody has kept, another process for example.</summary>
    ValueTask<ConversationSummary?> FindAsync(CancellationToken cancellationToken);

    /// <summary>Keeps a summary with its range, or nothing.</summary>
    /// <returns>Whether it is the newest; not, when somebody has kept one that covers as much.</returns>
    ValueTask<bool> SaveAsync(ConversationSummary summary, CancellationToken cancellationToken);

    /// <summary>Notes that a summary stands in the prompt from now on.</summary>
    void Use(ConversationSummary summary);
}

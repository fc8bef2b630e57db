namespace TokenBudget.Sqlite.Tests;

/// <summary>How a store lets its caller know that something went wrong.</summary>
public enum LedgerBreak
{
    /// <summary>The call itself throws; there is no task.</summary>
    Throws,

    /// <summary>The task has failed when the caller gets it.</summary>
    Fails,

    /// <summary>The task fails while the caller waits.</summary>
    FailsLater,

    /// <summary>The task is cancelled, though nobody cancelled: a driver's own timeout.</summary>
    GivesUp,

    /// <summary>The task does not end until the store is mended, and then it fails.</summary>
    SaysNothing,
}

namespace TokenBudget.Costs;

/// <summary>A request was refused because the ledger cannot be written: what would be spent would be on no record.</summary>
public sealed class LedgerUnavailableException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="innerException">What the ledger threw, if it answered at all.</param>
    public LedgerUnavailableException(Exception? innerException = null)
        : base(
            "The ledger cannot be written, so no request is sent that costs money: it would be on no record. Requests go on as soon as the ledger can be written again."
            + (innerException is null ? string.Empty : $" It said: {innerException.Message}"),
            innerException)
    {
    }
}

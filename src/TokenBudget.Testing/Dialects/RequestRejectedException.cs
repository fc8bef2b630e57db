namespace TokenBudget.Testing;

/// <summary>A request that is answered with an error before any model sees it.</summary>
internal sealed class RequestRejectedException(SimulatedError error) : Exception(error.Message)
{
    public SimulatedError Error => error;
}

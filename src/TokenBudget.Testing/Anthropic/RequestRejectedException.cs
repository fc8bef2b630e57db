namespace TokenBudget.Testing;

/// <summary>A request that is answered with an error before any model sees it.</summary>
internal sealed class RequestRejectedException(int status, string type, string message) : Exception(message)
{
    public int Status => status;

    public string Type => type;

    public static RequestRejectedException Invalid(string message) => new(400, "invalid_request_error", message);
}

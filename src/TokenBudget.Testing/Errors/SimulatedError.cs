namespace TokenBudget.Testing;

/// <summary>An error as a provider words it. <see cref="AnthropicErrors"/> and <see cref="OpenAIErrors"/> have the known ones.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">The <c>type</c> in the body.</param>
/// <param name="Message">The <c>message</c> in the body.</param>
/// <remarks>Immutable. The body has the shape of the endpoint's dialect, so an error of one can be played on the other.</remarks>
public sealed record SimulatedError(int Status, string Type, string Message)
{
    private readonly bool? _mayBeRetried;

    /// <summary>OpenAI's <c>code</c>; Anthropic's <c>details.error_code</c>.</summary>
    public string? Code { get; init; }

    /// <summary>OpenAI's <c>param</c>.</summary>
    public string? Param { get; init; }

    /// <summary>What is said about waiting; nothing unless set.</summary>
    public SimulatedRetryAfter? RetryAfter { get; init; }

    /// <summary>How long the message itself says to wait, e.g. <c>Please try again in 174ms</c>; it counts where <see cref="RetryAfter"/> says nothing.</summary>
    public TimeSpan? WaitInWords { get; init; }

    /// <summary>The <c>x-should-retry</c> header, which official clients obey; not sent unless set.</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>When set, the body is this page, as <c>text/html</c>: what a proxy in front of the provider says.</summary>
    public string? Html { get; init; }

    /// <summary>
    /// Whether the same request can succeed later. The verdict holds a retry against the client where it cannot. Unless set: 408, 409, 429 and
    /// everything from 500 can.
    /// </summary>
    public bool MayBeRetried
    {
        get => _mayBeRetried ?? Status is 408 or 409 or 429 or >= 500;
        init => _mayBeRetried = value;
    }

    /// <summary>Status and type, and the code where there is one.</summary>
    public override string ToString() => Code is null ? $"{Status} {Type}" : $"{Status} {Type} {Code}";
}

using System.Globalization;

namespace TokenBudget.Testing;

/// <summary>What goes wrong with one request. Make one by a static member; combine several by <c>with</c>.</summary>
/// <remarks>Immutable. The members stand in the order in which they strike: before the response, its headers, its content, its bytes.</remarks>
public sealed record SimulatedFault
{
    /// <summary>An error everybody is to blame for: 529 from Anthropic, 503 from OpenAI.</summary>
    public static SimulatedFault Overloaded { get; } = Fail(AnthropicErrors.Overloaded, OpenAIErrors.Overloaded);

    /// <summary>500.</summary>
    public static SimulatedFault InternalError { get; } = Fail(AnthropicErrors.Internal, OpenAIErrors.Internal);

    /// <summary>429 although the limits have room.</summary>
    public static SimulatedFault RateLimit { get; } = Fail(AnthropicErrors.RateLimit, OpenAIErrors.TokenRateLimit);

    /// <summary>429 because traffic grew too fast.</summary>
    public static SimulatedFault Acceleration { get; } = Fail(AnthropicErrors.Acceleration, OpenAIErrors.SlowDown);

    /// <summary>429 because the money is used up.</summary>
    public static SimulatedFault SpendLimit { get; } = Fail(AnthropicErrors.SpendLimit, OpenAIErrors.OrganizationSpendLimit);

    /// <summary>502 as a page of HTML, from a proxy.</summary>
    public static SimulatedFault BadGatewayHtml { get; } = Fail(AnthropicErrors.BadGatewayHtml);

    /// <summary>200 with a page of HTML instead of a reply, from a proxy that wants a login.</summary>
    public static SimulatedFault LoginPage { get; } = Fail(new SimulatedError(200, "login_page", "Sign in to the network")
    {
        Html = "<html><head><title>Sign in</title></head><body><form action=\"/login\"><input name=\"user\"></form></body></html>",
        MayBeRetried = true,
    });

    /// <summary>The request is taken and never answered.</summary>
    public static SimulatedFault NoResponse { get; } = new() { Break = SimulatedBreak.Silence, BeforeHeaders = true };

    /// <summary>The connection is reset instead of an answer.</summary>
    public static SimulatedFault ResetConnection { get; } = new() { Break = SimulatedBreak.Reset, BeforeHeaders = true };

    /// <summary>The connection is closed instead of an answer.</summary>
    public static SimulatedFault CloseConnection { get; } = new() { Break = SimulatedBreak.Close, BeforeHeaders = true };

    /// <summary>The content is compressed, whether asked for or not.</summary>
    public static SimulatedFault Compressed { get; } = new() { Gzip = true };

    /// <summary>No usage is reported.</summary>
    public static SimulatedFault UsageMissing { get; } = new() { OmitsUsage = true };

    /// <summary>The stream never ends: it goes on past <c>max_tokens</c> until the client leaves, and is billed.</summary>
    public static SimulatedFault Endless { get; } = new() { IsEndless = true };

    /// <summary>Waits so long, on the simulator's clock, before anything else.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>From this request on its model class has these limits. What was used stays used.</summary>
    public SimulatedLimits? NewLimits { get; init; }

    /// <summary>Answered instead of a reply; the limits are not charged.</summary>
    public SimulatedError? Error { get; init; }

    /// <summary>Answered instead of <see cref="Error"/> where the dialect is OpenAI's.</summary>
    public SimulatedError? OpenAIError { get; init; }

    /// <summary>What is wrong with the rate-limit headers.</summary>
    public SimulatedHeaderFault? Headers { get; init; }

    /// <summary>How wrong the clock in the headers is: <c>date</c>, reset times, dates to retry after.</summary>
    public TimeSpan ClockSkew { get; init; }

    /// <summary>Whether the content is compressed.</summary>
    public bool Gzip { get; init; }

    /// <summary>Whether no usage is reported.</summary>
    public bool OmitsUsage { get; init; }

    /// <summary>The reported usage is so many times the billed one; 0 reports nothing but zeros.</summary>
    public double UsageFactor { get; init; } = 1;

    /// <summary>Whether a stream never ends.</summary>
    public bool IsEndless { get; init; }

    /// <summary>This event of a stream, from 1, comes twice.</summary>
    public int? DuplicatedEvent { get; init; }

    /// <summary>The content comes byte by byte, with this pause in between, on the simulator's clock.</summary>
    public TimeSpan? DripInterval { get; init; }

    /// <summary>How the response breaks off; not at all unless set.</summary>
    public SimulatedBreak? Break { get; init; }

    /// <summary>Whether it breaks before any header is sent.</summary>
    public bool BeforeHeaders { get; init; }

    /// <summary>
    /// It breaks after so many events of a stream. A stream with fewer is whole. A reply that is not streamed breaks half way through its body.
    /// </summary>
    public int AfterEvents { get; init; }

    /// <summary>It breaks after so many bytes of content, whatever <see cref="AfterEvents"/> says. Shorter content is whole.</summary>
    public long? AfterBytes { get; init; }

    /// <summary>The error of <see cref="SimulatedBreak.ErrorEvent"/>.</summary>
    public SimulatedError? StreamError { get; init; }

    /// <summary>Answers with an error.</summary>
    /// <param name="error">Which; see <see cref="AnthropicErrors"/> and <see cref="OpenAIErrors"/>.</param>
    /// <param name="openAI">Which in OpenAI's dialect; the same unless given.</param>
    public static SimulatedFault Fail(SimulatedError error, SimulatedError? openAI = null)
    {
        ArgumentNullException.ThrowIfNull(error);
        return new SimulatedFault { Error = error, OpenAIError = openAI };
    }

    /// <summary>Begins the response late.</summary>
    /// <param name="delay">How late, not negative, on the simulator's clock.</param>
    public static SimulatedFault DelayHeaders(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new SimulatedFault { Delay = delay };
    }

    /// <summary>Closes the connection after some stream events.</summary>
    /// <param name="events">Events that still arrive, 0 or more.</param>
    public static SimulatedFault CutAfterEvents(int events) => BreakAfterEvents(SimulatedBreak.Close, events);

    /// <summary>Breaks a stream after some events.</summary>
    /// <param name="how">How; not <see cref="SimulatedBreak.ErrorEvent"/>, for which there is <see cref="ErrorAfterEvents"/>.</param>
    /// <param name="events">Events that still arrive, 0 or more.</param>
    public static SimulatedFault BreakAfterEvents(SimulatedBreak how, int events)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(events);
        if (how == SimulatedBreak.ErrorEvent)
            throw new ArgumentException("An error event needs an error: use ErrorAfterEvents.", nameof(how));
        return new SimulatedFault { Break = how, AfterEvents = events };
    }

    /// <summary>Closes or resets the connection after some bytes of content.</summary>
    /// <param name="bytes">Bytes that still arrive, 0 or more.</param>
    /// <param name="how">How.</param>
    public static SimulatedFault CutAfterBytes(long bytes, SimulatedBreak how = SimulatedBreak.Close)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (how is SimulatedBreak.ErrorEvent or SimulatedBreak.Pings or SimulatedBreak.HalfEvent)
            throw new ArgumentException($"{how} happens between events: use BreakAfterEvents.", nameof(how));
        return new SimulatedFault { Break = how, AfterBytes = bytes };
    }

    /// <summary>Sends an error inside a stream that began well.</summary>
    /// <param name="events">Events before it, 0 or more.</param>
    /// <param name="error">Which; an overload unless given.</param>
    public static SimulatedFault ErrorAfterEvents(int events, SimulatedError? error = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(events);
        return new SimulatedFault { Break = SimulatedBreak.ErrorEvent, AfterEvents = events, StreamError = error };
    }

    /// <summary>Spoils the rate-limit headers.</summary>
    /// <param name="how">How.</param>
    public static SimulatedFault BadHeaders(SimulatedHeaderFault how) => new() { Headers = how };

    /// <summary>Puts the clock in the headers wrong.</summary>
    /// <param name="skew">How far ahead; negative is behind.</param>
    public static SimulatedFault SkewedClock(TimeSpan skew) => new() { ClockSkew = skew };

    /// <summary>Reports a wrong usage.</summary>
    /// <param name="factor">So many times the billed one, 0 or more.</param>
    public static SimulatedFault UsageTimes(double factor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(factor);
        return new SimulatedFault { UsageFactor = factor };
    }

    /// <summary>Sends one event of a stream twice.</summary>
    /// <param name="number">Which, from 1.</param>
    public static SimulatedFault DuplicateEvent(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return new SimulatedFault { DuplicatedEvent = number };
    }

    /// <summary>Sends the content byte by byte.</summary>
    /// <param name="interval">Pause between two bytes, on the simulator's clock; 0 splits without waiting.</param>
    public static SimulatedFault Drip(TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.Zero);
        return new SimulatedFault { DripInterval = interval };
    }

    /// <summary>Changes the limits of the request's model class from now on.</summary>
    /// <param name="limits">The new ones.</param>
    public static SimulatedFault ChangeLimits(SimulatedLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        limits.Validate(nameof(limits));
        return new SimulatedFault { NewLimits = limits };
    }

    /// <summary>What goes wrong, in a few words.</summary>
    public override string ToString()
    {
        List<string> parts = [];
        Add(Delay > TimeSpan.Zero, $"{Delay.TotalSeconds} s late");
        Add(NewLimits is not null, $"limits change");
        Add(Error is not null, OpenAIError is null ? (FormattableString)$"{Error}" : $"{Error} / {OpenAIError}");
        Add(Headers is not null, $"headers {Headers}");
        Add(ClockSkew != TimeSpan.Zero, $"clock off by {ClockSkew.TotalSeconds} s");
        Add(Gzip, $"gzip");
        Add(OmitsUsage, $"no usage");
        Add(UsageFactor != 1, $"usage times {UsageFactor}");
        Add(IsEndless, $"endless");
        Add(DuplicatedEvent is not null, $"event {DuplicatedEvent} twice");
        Add(DripInterval is not null, $"drip");
        Add(Break is not null && BeforeHeaders, $"{Break} before headers");
        Add(Break is not null && !BeforeHeaders && AfterBytes is not null, $"{Break} after {AfterBytes} bytes");
        Add(Break is not null && !BeforeHeaders && AfterBytes is null, $"{Break} after {AfterEvents} events");
        return parts.Count == 0 ? "no fault" : string.Join(", ", parts);

        void Add(bool applies, FormattableString text)
        {
            if (applies)
                parts.Add(text.ToString(CultureInfo.InvariantCulture));
        }
    }

    internal SimulatedError? ErrorFor(SimulatedDialect dialect) => dialect == SimulatedDialect.OpenAI ? OpenAIError ?? Error : Error;
}

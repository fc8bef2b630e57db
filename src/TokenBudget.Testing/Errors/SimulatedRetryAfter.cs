using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>What an error says about waiting: in <c>retry-after</c>, in milliseconds, as a date, or as nonsense.</summary>
/// <remarks>Immutable.</remarks>
public sealed record SimulatedRetryAfter
{
    private string? Header { get; init; }

    private long? Ms { get; init; }

    private TimeSpan? DateIn { get; init; }

    /// <summary><c>retry-after: 30</c>, or with decimals.</summary>
    /// <param name="seconds">0 or more.</param>
    public static SimulatedRetryAfter Seconds(decimal seconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seconds);
        return new SimulatedRetryAfter { Header = seconds.ToString(CultureInfo.InvariantCulture) };
    }

    /// <summary><c>retry-after-ms</c> and <c>x-ms-retry-after-ms</c>, as Azure sends them.</summary>
    /// <param name="milliseconds">0 or more.</param>
    public static SimulatedRetryAfter Milliseconds(long milliseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds);
        return new SimulatedRetryAfter { Ms = milliseconds };
    }

    /// <summary><c>retry-after: Wed, 21 Oct 2026 07:28:00 GMT</c>, on the simulator's clock, which the <c>date</c> header tells; rounded up to the second.</summary>
    /// <param name="fromNow">0 or more.</param>
    public static SimulatedRetryAfter HttpDate(TimeSpan fromNow)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromNow, TimeSpan.Zero);
        return new SimulatedRetryAfter { DateIn = fromNow };
    }

    /// <summary><c>retry-after</c> with any text: <c>-1</c>, <c>soon</c>, <c>1000000000</c>. What is no number of 0 or more tells a client nothing.</summary>
    /// <param name="value">The header's value.</param>
    public static SimulatedRetryAfter Raw(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new SimulatedRetryAfter { Header = value };
    }

    /// <summary>Seconds rounded up and the exact milliseconds beside them.</summary>
    internal static SimulatedRetryAfter Of(TimeSpan wait, bool withMilliseconds) => new()
    {
        Header = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture),
        Ms = withMilliseconds ? (long)Math.Ceiling(wait.TotalMilliseconds) : null,
    };

    /// <summary>What a client that understands every form has been told; the finest form counts. <see langword="null"/> for nonsense.</summary>
    internal TimeSpan? Told(DateTimeOffset now)
    {
        if (Ms is { } milliseconds)
            return TimeSpan.FromMilliseconds(milliseconds);
        if (DateIn is { } span)
            return WholeSecond(now + span) - now;
        return decimal.TryParse(Header, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < 1_000_000_000_000m
            ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : null;
    }

    /// <param name="headers">Where to.</param>
    /// <param name="now">The simulator's time, perhaps skewed by a fault.</param>
    internal void AddTo(IHeaderDictionary headers, DateTimeOffset now)
    {
        if (Ms is { } milliseconds)
            headers["retry-after-ms"] = headers["x-ms-retry-after-ms"] = milliseconds.ToString(CultureInfo.InvariantCulture);
        if (Header is not null)
            headers.RetryAfter = Header;
        if (DateIn is { } span)
            headers.RetryAfter = WholeSecond(now + span).ToString("R", CultureInfo.InvariantCulture);
    }

    private static DateTimeOffset WholeSecond(DateTimeOffset time)
    {
        var rest = time.UtcTicks % TimeSpan.TicksPerSecond;
        return rest == 0 ? time.ToUniversalTime() : time.ToUniversalTime().AddTicks(TimeSpan.TicksPerSecond - rest);
    }
}

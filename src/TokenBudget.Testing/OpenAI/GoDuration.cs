using System.Globalization;
using System.Text;

namespace TokenBudget.Testing;

/// <summary>A time span as Go prints it, which is how OpenAI writes reset times: <c>6m0s</c>, <c>1.5s</c>, <c>12ms</c>, <c>0s</c>.</summary>
internal static class GoDuration
{
    /// <summary>Rounded up to the millisecond, so that nobody who waits for it is early.</summary>
    public static string Format(TimeSpan span)
    {
        var milliseconds = WholeMilliseconds(span).Ticks / TimeSpan.TicksPerMillisecond;
        if (milliseconds <= 0)
            return "0s";
        if (milliseconds < 1_000)
            return string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");

        var text = new StringBuilder();
        var (minutes, rest) = Math.DivRem(milliseconds, 60_000);
        if (minutes >= 60)
            text.Append(CultureInfo.InvariantCulture, $"{minutes / 60}h");
        if (minutes > 0)
            text.Append(CultureInfo.InvariantCulture, $"{minutes % 60}m");
        return text.Append(CultureInfo.InvariantCulture, $"{rest / 1_000m:0.###}s").ToString();
    }

    /// <summary>The span that is printed.</summary>
    public static TimeSpan WholeMilliseconds(TimeSpan span) =>
        TimeSpan.FromTicks((span.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond);
}

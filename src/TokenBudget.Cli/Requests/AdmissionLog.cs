using System.Text;

namespace TokenBudget.Cli.Requests;

/// <summary>
/// Writes a JSON object a line for each admitted request, in order of admission: <c>id</c>, its number in the trace from 0; <c>arrived</c> and
/// <c>admitted</c>, seconds from the beginning of the trace; <c>reserved</c> and <c>settled</c>, tokens.
/// </summary>
internal sealed class AdmissionLog(Stream output) : IDisposable
{
    private readonly StreamWriter _lines = new(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };

    public void Write(TracedRequest request, long admitted, long reserved)
    {
        _lines.WriteLine(FormattableString.Invariant(
            $$"""{"id":{{request.Id}},"arrived":{{Seconds(request.Arrived)}},"admitted":{{Seconds(admitted)}},"reserved":{{reserved}},"settled":{{request.TotalTokens}}}"""));
    }

    public void Dispose() => _lines.Dispose();

    private static decimal Seconds(long ticks) => (decimal)ticks / TimeSpan.TicksPerSecond;
}

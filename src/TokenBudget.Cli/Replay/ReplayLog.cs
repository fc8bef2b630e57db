using System.Text;
using System.Text.Json;

namespace TokenBudget.Cli.Replay;

/// <summary>Writes what was sent, a JSON object a line and request.</summary>
/// <remarks>
/// Indexes count the messages of the recording from 0, system messages included; what a replay adds of its own, the result of an aborted call,
/// has none. A message sent in part is among <c>sent</c> and again among <c>shortened</c>. Refused requests send nothing and have no line.
/// </remarks>
internal sealed class ReplayLog(Stream output, bool namesSettings) : IDisposable
{
    private readonly StreamWriter _lines = new(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
    private readonly MemoryStream _buffer = new();

    public void Write(ReplayedRequest request)
    {
        _buffer.SetLength(0);
        using (var json = new Utf8JsonWriter(_buffer))
        {
            json.WriteStartObject();
            json.WriteString("conversation", request.Conversation.Id);
            json.WriteNumber("request", request.Number);
            if (namesSettings)
                json.WriteString("policy", request.Setting.Name);
            WriteIndexes(json, "sent", request, request.Sent.Positions);
            json.WriteNumber("inputTokens", request.Usage.TotalInput);
            json.WriteNumber("cacheReadTokens", request.Usage.CacheRead);
            json.WriteNumber("costUsd", request.Cost.Dollars);
            if (request.Sent.Shortened.Count > 0)
                WriteIndexes(json, "shortened", request, request.Sent.Shortened.Select(static entry => entry.Position));
            json.WriteEndObject();
        }

        _lines.WriteLine(Encoding.UTF8.GetString(_buffer.GetBuffer(), 0, (int)_buffer.Length));
    }

    public void Dispose()
    {
        _lines.Dispose();
        _buffer.Dispose();
    }

    private static void WriteIndexes(Utf8JsonWriter json, string name, ReplayedRequest request, IEnumerable<int> positions)
    {
        json.WriteStartArray(name);
        foreach (var position in positions)
            if (request.Conversation.RecordedIndexOf(position) is { } index)
                json.WriteNumberValue(index);
        json.WriteEndArray();
    }
}

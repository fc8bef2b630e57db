using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TokenBudget.Cli.Contracts;

/// <summary>Writes JSON that is read by people as well: indented, with every character as it is, the same on every system.</summary>
internal static class IndentedJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An object as text, with a line end behind it.</summary>
    /// <param name="members">Writes its members.</param>
    public static string Object(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}

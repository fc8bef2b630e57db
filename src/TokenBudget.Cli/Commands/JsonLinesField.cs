using System.Globalization;
using System.Text.Json;

namespace TokenBudget.Cli.Commands;

/// <summary>Finds one field in each line of a JSONL file; <c>message.content</c> is inside another, <c>messages.0</c> is the first of an array.</summary>
internal sealed class JsonLinesField(string path)
{
    private readonly string[] _steps = path.Split('.');

    /// <summary>The text of the field: of a string its value, of anything else its JSON.</summary>
    /// <exception cref="CliException">The line is not JSON or has no such field.</exception>
    public string Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var value = document.RootElement;
            foreach (var step in _steps)
                if (!TryStep(value, step, out value))
                    throw new CliException($"no field '{path}'");
            return value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();
        }
        catch (JsonException exception)
        {
            throw new CliException($"not JSON: {exception.Message}");
        }
        catch (InvalidOperationException)
        {
            // An escape of half a surrogate pair, which has no text.
            throw new CliException($"field '{path}' is not text");
        }
    }

    private static bool TryStep(JsonElement value, string step, out JsonElement next)
    {
        if (value.ValueKind is JsonValueKind.Object)
            return value.TryGetProperty(step, out next);
        if (value.ValueKind is JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength())
        {
            next = value[index];
            return true;
        }

        next = default;
        return false;
    }
}

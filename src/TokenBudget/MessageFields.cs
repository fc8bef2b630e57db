using System.Globalization;
using System.Text.Json;
using TokenBudget.Conversations;

namespace TokenBudget;

/// <summary>What a message between processes says: texts by name, as one JSON object. Texts are kept exactly, unpaired surrogates included; what does not read is not there.</summary>
internal sealed class MessageFields
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    public MessageFields Add(string name, string? text)
    {
        if (text is not null)
            _texts.Add(name, text);
        return this;
    }

    public MessageFields Add(string name, long? number) => Add(name, number?.ToString(CultureInfo.InvariantCulture));

    public MessageFields Add(string name, DateTimeOffset? time) => Add(name, time?.UtcTicks);

    public string? Text(string name) => _texts.GetValueOrDefault(name);

    public long? Number(string name) => long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public DateTimeOffset? Time(string name) =>
        Number(name) is { } ticks && ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>One of the names of an enumeration, as it is written there; another is of a later release.</summary>
    public T? Enum<T>(string name)
        where T : struct, Enum =>
        Text(name) is { } text && System.Enum.TryParse<T>(text, out var value) && System.Enum.GetName(value) == text ? value : null;

    public string Write() => $"{{{string.Join(',', _texts.Select(static pair => $"{ChatMessageJson.WriteText(pair.Key)}:{ChatMessageJson.WriteText(pair.Value)}"))}}}";

    /// <summary>The fields; <see langword="null"/> where that is no object of texts.</summary>
    public static MessageFields? Read(string content)
    {
        try
        {
            using var json = JsonDocument.Parse(content);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var fields = new MessageFields();
            foreach (var property in json.RootElement.EnumerateObject())
                fields._texts[property.Name] = ChatMessageJson.ReadText(property.Value);
            return fields;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

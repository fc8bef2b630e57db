using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

public sealed partial class CacheKeyBuilder
{
    private static readonly Comparison<KeyValuePair<string, object?>> ByName = static (one, other) => string.CompareOrdinal(one.Key, other.Key);

    /// <summary>Adds JSON, whitespace left out. Numbers are kept as they are spelled: <c>1.0</c> is not <c>1</c>.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The JSON.</param>
    /// <param name="sortKeys">
    /// Whether the order of an object's keys is meaningless. It is not in a schema: a model writes its answer in the schema's order.
    /// </param>
    public void AddJson(string name, JsonElement value, bool sortKeys = true)
    {
        WriteName(name);
        WriteJson(value, sortKeys);
    }

    /// <summary>
    /// Adds any value: its type's name and its JSON, dictionaries and objects by sorted keys. A value that does not serialize, or serializes to nothing,
    /// makes the request not cacheable.
    /// </summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value; <see langword="null"/> differs from everything.</param>
    public void AddValue(string name, object? value) => AddValue(name, value, typeof(object), UsualJson.Options);

    /// <summary>Adds any value, as options write it.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value.</param>
    /// <param name="declared">The type it is declared with, which a context knows where it does not know the type of the value.</param>
    /// <param name="json">The options.</param>
    internal void AddValue(string name, object? value, Type declared, JsonSerializerOptions json)
    {
        WriteName(name);
        if (value is null)
        {
            WriteKind(Kind.Null);
            return;
        }

        WriteKind(Kind.Open);
        // A chat client reads these by type: 1, 1L and the JSON 1 need not mean the same to it.
        WriteCharacters(value.GetType().ToString());
        if (!TryWriteScalar(value) && TrySerialize(value, declared, name, json) is { } element)
        {
            // Such as an SDK object whose state is private, or a tuple: its JSON would make all of them equal. An empty dictionary looks the same; it is taken for one of these only inside another value.
            if (value is not (JsonElement or System.Text.Json.Nodes.JsonNode or JsonDocument) && HasEmptyObject(element, isDictionary: value is IEnumerable))
                Refuse($"'{name}' is a {value.GetType()}, which shows nothing of its state, or of a part of it, as JSON.");
            WriteJson(element, sortKeys: true);
        }

        Close();
    }

    private static bool HasEmptyObject(JsonElement json, bool isDictionary = false)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in json.EnumerateArray())
                if (HasEmptyObject(item))
                    return true;
            return false;
        }

        if (json.ValueKind != JsonValueKind.Object)
            return false;
        var isEmpty = true;
        foreach (var property in json.EnumerateObject())
        {
            isEmpty = false;
            if (HasEmptyObject(property.Value))
                return true;
        }

        return isEmpty && !isDictionary;
    }

    private void AddJson(Field field, JsonElement value, bool sortKeys)
    {
        WriteName(field);
        WriteJson(value, sortKeys);
    }

    /// <summary>Adds a dictionary, its keys sorted.</summary>
    private void AddProperties(Field field, IReadOnlyDictionary<string, object?>? properties)
    {
        if (properties is null)
            return;
        Open(field);
        foreach (var (key, value) in Sorted(properties, properties.Count))
            AddValue(key, value);
        Close();
    }

    /// <summary>Adds the arguments of a tool call, which every client sends as one JSON object: only their JSON counts, not their types.</summary>
    private void AddArguments(Field field, IDictionary<string, object?>? arguments)
    {
        if (arguments is null)
            return;
        Open(field);
        foreach (var (key, value) in Sorted(arguments, arguments.Count))
        {
            WriteName(key);
            if (value is null)
                WriteKind(Kind.JsonNull);
            else if (!TryWriteScalar(value) && TrySerialize(value, key) is { } json)
                WriteJson(json, sortKeys: true);
        }

        Close();
    }

    private static ReadOnlySpan<KeyValuePair<string, object?>> Sorted(IEnumerable<KeyValuePair<string, object?>> values, int count)
    {
        if (count == 0)
            return [];
        var sorted = values.ToArray();
        if (sorted.Length > 1)
            Array.Sort(sorted, ByName);
        return sorted;
    }

    private JsonElement? TrySerialize(object value, string name) => TrySerialize(value, typeof(object), name, UsualJson.Options);

    private JsonElement? TrySerialize(object value, Type declared, string name, JsonSerializerOptions json)
    {
        if (value is JsonElement element)
            return element;

        var type = value.GetType();
        try
        {
            if (json.TryGetTypeInfo(type, out var info))
                return JsonSerializer.SerializeToElement(value, info);
            // Without reflection: an enum as the usual options write it, and a list as what it is declared to be, for its items are that anyway.
            if (value is Enum)
                return JsonSerializer.SerializeToElement(value.ToString(), json.GetTypeInfo(typeof(string)));
            if (declared.IsInterface && value is IEnumerable && json.TryGetTypeInfo(declared, out info))
                return JsonSerializer.SerializeToElement(value, info);
            Refuse($"'{name}' is a {type}, which no JSON context knows, and reflection is off; add it to one, and name that by [JsonContext].");
            return null;
        }
        // A converter or a getter of the user's type may throw anything, and a key that cannot be made must not fail the call.
        catch (Exception error)
        {
            Refuse($"'{name}' is a {type}, which does not serialize: {error.Message}");
            return null;
        }
    }

    /// <summary>Writes what the JSON of a plain value would be, without making it.</summary>
    private bool TryWriteScalar(object value)
    {
        switch (value)
        {
            case string text:
                WriteKind(Kind.JsonText);
                WriteCharacters(text);
                return true;
            case bool truth:
                WriteKind(truth ? Kind.JsonTrue : Kind.JsonFalse);
                return true;
            case int number:
                WriteNumber(number);
                return true;
            case long number:
                WriteNumber(number);
                return true;
            default:
                return false;
        }
    }

    private void WriteNumber(long number)
    {
        Span<char> digits = stackalloc char[20];
        number.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        WriteKind(Kind.JsonNumber);
        WriteCharacters(digits[..length]);
    }

    /// <summary>Writes a plain value, or the digest of what has parts: schemas and arguments are long, and come again and again in the same spelling.</summary>
    private void WriteJson(JsonElement value, bool sortKeys)
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            Write(Kind.JsonDigest, DigestOf(value, sortKeys));
        else
            WriteParts(value, sortKeys);
    }

    private CacheKey DigestOf(JsonElement value, bool sortKeys)
    {
        Fingerprint fingerprint = default;
        if (_digests is not null &&
            _digests.TryFind(JsonMarshal.GetRawUtf8Value(value), sortKeys ? DigestUse.Json : DigestUse.OrderedJson, out fingerprint, out var known))
            return known;

        using var builder = new CacheKeyBuilder();
        builder.WriteParts(value, sortKeys);
        if (builder.NotCacheableReason is { } reason)
            Refuse(reason);
        if (builder.TryBuild(out var digest))
            _digests?.Keep(fingerprint, digest);
        return digest;
    }

    private void WriteParts(JsonElement value, bool sortKeys)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            Refuse("JSON in it is nested too deeply.");
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                WriteKind(Kind.JsonNull);
                break;
            case JsonValueKind.False:
                WriteKind(Kind.JsonFalse);
                break;
            case JsonValueKind.True:
                WriteKind(Kind.JsonTrue);
                break;
            case JsonValueKind.Number:
                WriteKind(Kind.JsonNumber);
                WriteCharacters(value.GetRawText());
                break;
            case JsonValueKind.String:
                WriteKind(Kind.JsonText);
                WriteCharacters(value.GetString());
                break;
            case JsonValueKind.Array:
                WriteKind(Kind.JsonArray);
                WriteInt32(value.GetArrayLength());
                foreach (var item in value.EnumerateArray())
                    WriteParts(item, sortKeys);
                break;
            case JsonValueKind.Object:
                WriteKind(Kind.JsonObject);
                // Stable, so that of two equal names the first stays the first.
                IEnumerable<JsonProperty> properties = value.EnumerateObject();
                if (sortKeys)
                    properties = properties.OrderBy(property => property.Name, StringComparer.Ordinal);
                foreach (var property in properties)
                {
                    WriteName(property.Name);
                    WriteParts(property.Value, sortKeys);
                }

                Close();
                break;
            default:
                WriteKind(Kind.JsonUndefined);
                break;
        }
    }
}

using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

public sealed partial class CacheKeyBuilder
{
    /// <summary>Adds JSON, whitespace left out. Numbers are kept as they are spelled: <c>1.0</c> is not <c>1</c>.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The JSON.</param>
    /// <param name="sortKeys">
    /// Whether the order of an object's keys is meaningless. It is not in a schema: a model writes its answer in the schema's order.
    /// </param>
    public void AddJson(string name, JsonElement value, bool sortKeys = true)
    {
        WriteHeader(Kind.Open, name);
        WriteJson(value, sortKeys);
        Close();
    }

    /// <summary>
    /// Adds any value: its type's name and its JSON, dictionaries and objects by sorted keys. A value that does not serialize, or serializes to nothing,
    /// makes the request not cacheable.
    /// </summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value; <see langword="null"/> differs from everything.</param>
    public void AddValue(string name, object? value)
    {
        if (value is null)
        {
            WriteHeader(Kind.Null, name);
            return;
        }

        Open(name);
        // A chat client reads these by type: 1, 1L and the JSON 1 need not mean the same to it.
        WriteText(value.GetType().ToString());
        if (TrySerialize(value, value.GetType(), name) is { } json)
        {
            // Such as an SDK object whose state is private: its JSON would make all of them equal.
            if (json.ValueKind == JsonValueKind.Object && value is not (JsonElement or System.Text.Json.Nodes.JsonNode or JsonDocument or IEnumerable) &&
                !json.EnumerateObject().MoveNext())
                Refuse($"'{name}' is a {value.GetType()}, which shows nothing of its state as JSON.");
            WriteJson(json, sortKeys: true);
        }

        Close();
    }

    /// <summary>Adds a dictionary, its keys sorted.</summary>
    private void AddProperties(string name, IEnumerable<KeyValuePair<string, object?>>? properties)
    {
        if (properties is null)
        {
            WriteHeader(Kind.Null, name);
            return;
        }

        Open(name);
        foreach (var (key, value) in properties.OrderBy(property => property.Key, StringComparer.Ordinal))
            AddValue(key, value);
        Close();
    }

    /// <summary>Adds the arguments of a tool call, which every client sends as one JSON object: only their JSON counts, not their types.</summary>
    private void AddArguments(string name, IDictionary<string, object?>? arguments)
    {
        if (arguments is null)
        {
            WriteHeader(Kind.Null, name);
            return;
        }

        Open(name);
        foreach (var (key, value) in arguments.OrderBy(argument => argument.Key, StringComparer.Ordinal))
        {
            WriteHeader(Kind.JsonProperty, key);
            if (value is null)
                WriteByte((byte)Kind.JsonNull);
            else if (TrySerialize(value, value.GetType(), key) is { } json)
                WriteJson(json, sortKeys: true);
        }

        Close();
    }

    private JsonElement? TrySerialize(object value, Type type, string name)
    {
        if (value is JsonElement element)
            return element;

        try
        {
            return JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(type));
        }
        // A converter or a getter of the user's type may throw anything, and a key that cannot be made must not fail the call.
        catch (Exception error)
        {
            Refuse($"'{name}' is a {type}, which does not serialize: {error.Message}");
            return null;
        }
    }

    private void WriteJson(JsonElement value, bool sortKeys)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            Refuse("JSON in it is nested too deeply.");
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                WriteByte((byte)Kind.JsonNull);
                break;
            case JsonValueKind.False:
                WriteByte((byte)Kind.JsonFalse);
                break;
            case JsonValueKind.True:
                WriteByte((byte)Kind.JsonTrue);
                break;
            case JsonValueKind.Number:
                WriteByte((byte)Kind.JsonNumber);
                WriteText(value.GetRawText());
                break;
            case JsonValueKind.String:
                WriteByte((byte)Kind.JsonText);
                WriteText(value.GetString());
                break;
            case JsonValueKind.Array:
                WriteByte((byte)Kind.JsonArray);
                WriteInt32(value.GetArrayLength());
                foreach (var item in value.EnumerateArray())
                    WriteJson(item, sortKeys);
                break;
            case JsonValueKind.Object:
                WriteByte((byte)Kind.JsonObject);
                // Stable, so that of two equal names the first stays the first.
                IEnumerable<JsonProperty> properties = value.EnumerateObject();
                if (sortKeys)
                    properties = properties.OrderBy(property => property.Name, StringComparer.Ordinal);
                foreach (var property in properties)
                {
                    WriteHeader(Kind.JsonProperty, property.Name);
                    WriteJson(property.Value, sortKeys);
                }

                Close();
                break;
            default:
                WriteByte((byte)Kind.Undefined);
                break;
        }
    }
}

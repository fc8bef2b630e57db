using System.Globalization;
using System.Text.Json;

namespace TokenBudget.Cli.Commands;

/// <summary>A column of what is printed, the same in a table, in JSON and in comma-separated values.</summary>
/// <param name="Header">Its name to people.</param>
/// <param name="Field">Its name to programs.</param>
/// <param name="Value">What a row has in it: a text, a number, yes or no, an instant; or nothing.</param>
/// <param name="IsNumber">Whether it is a number, which stands to the right in a table.</param>
/// <typeparam name="T">What a row is made of.</typeparam>
internal sealed record Column<T>(string Header, string Field, Func<T, object?> Value, bool IsNumber = false)
{
    /// <summary>As people and spreadsheets read it.</summary>
    public string TextOf(T row) => Value(row) switch
    {
        null => "",
        string text => text,
        bool isSo => isSo ? "yes" : "no",
        DateTimeOffset at => at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        var number => Convert.ToString(number, CultureInfo.InvariantCulture)!,
    };

    /// <summary>As a property of an object.</summary>
    public void WriteTo(Utf8JsonWriter json, T row)
    {
        json.WritePropertyName(Field);
        switch (Value(row))
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(text); break;
            case bool isSo: json.WriteBooleanValue(isSo); break;
            case DateTimeOffset at: json.WriteStringValue(at); break;
            case int number: json.WriteNumberValue(number); break;
            case long number: json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case var other: throw new InvalidOperationException($"'{Field}' is a {other.GetType()}.");
        }
    }
}

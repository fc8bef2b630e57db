namespace TokenBudget.AspNetCore.Alerts;

/// <summary>One message, written as JSON once for all who get it.</summary>
/// <param name="Type">The event's name in an event stream, the same as the JSON's <c>type</c>.</param>
/// <param name="Id">An alert's id.</param>
/// <param name="Json">UTF-8, one line.</param>
internal sealed record Frame(string Type, string? Id, ReadOnlyMemory<byte> Json);

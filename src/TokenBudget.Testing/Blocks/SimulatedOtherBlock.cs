using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>Any other block of a request: an image, a document, a thinking block.</summary>
/// <param name="Type">Its <c>type</c>.</param>
/// <param name="Json">The block as sent.</param>
public sealed record SimulatedOtherBlock(string Type, JsonElement Json) : SimulatedBlock;

using System.Globalization;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Cli.Commands;

/// <summary>Writes a line for each text counted, and the total of several.</summary>
/// <param name="output">Where to.</param>
/// <param name="count">Counts a text.</param>
/// <param name="model">Whose input price is added; none for no price.</param>
/// <param name="at">The day whose prices count.</param>
internal sealed class CountReport(TextWriter output, Func<string, long> count, ModelInfo? model, DateTimeOffset at)
{
    private long _tokens;
    private Usd _cost = Usd.Zero;

    public Task AddAsync(string text, string label)
    {
        var tokens = count(text);
        // Each text alone: the price of a request can depend on how long it is.
        var cost = model is null ? Usd.Zero : CostCalculator.CostOf(model, new TokenUsage { FreshInput = tokens }, at);
        _tokens += tokens;
        _cost += cost;
        return WriteAsync(tokens, cost, label);
    }

    public Task TotalAsync() => WriteAsync(_tokens, _cost, "total");

    private Task WriteAsync(long tokens, Usd cost, string label) => output.WriteLineAsync(model is null
        ? string.Create(CultureInfo.InvariantCulture, $"{tokens,10} {label}")
        : string.Create(CultureInfo.InvariantCulture, $"{tokens,10} {"$" + cost.Dollars.ToString("0.000000", CultureInfo.InvariantCulture),12} {label}"));
}

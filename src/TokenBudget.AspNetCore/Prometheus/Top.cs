namespace TokenBudget.AspNetCore.Prometheus;

/// <summary>The things that matter most, each under its own labels, and all others together: what holds now may come and go, so that the fullest are always among them.</summary>
internal static class Top
{
    /// <param name="items">Everything.</param>
    /// <param name="most">How many have labels of their own.</param>
    /// <param name="weight">What matters.</param>
    /// <param name="labels">An item's own labels.</param>
    /// <param name="others">The labels of all others.</param>
    /// <returns>Each set of labels once: an item that is itself called like the others is one of them.</returns>
    public static List<(string Labels, List<T> Items)> Of<T>(IEnumerable<T> items, int most, Func<T, double> weight, Func<T, string> labels, string others) =>
    [
        .. items
            .OrderByDescending(weight)
            .Select((item, rank) => (Labels: rank < most ? labels(item) : others, Item: item))
            .GroupBy(static pair => pair.Labels, static pair => pair.Item, StringComparer.Ordinal)
            .OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(static group => (group.Key, group.ToList())),
    ];
}

using Microsoft.AspNetCore.Http;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Refuses names that mean nothing: an ignored misspelling would be an answer to another question.</summary>
internal static class QueryNames
{
    /// <summary>What is wrong with the query, or <see langword="null"/>.</summary>
    public static string? Unknown(IQueryCollection query, params ReadOnlySpan<string> known)
    {
        foreach (var name in query.Keys)
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
                return known.IsEmpty ? "This endpoint takes no query." : $"The query may only have: {string.Join(", ", known)}.";
        return null;
    }
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>JSON as <see cref="AIJsonUtilities"/> writes it; of plain types where reflection is off, too.</summary>
internal static class UsualJson
{
    /// <summary>For who names no context.</summary>
    public static JsonSerializerOptions Options { get; } = With(null);

    /// <summary>The usual options, with the types of a context before all others.</summary>
    /// <param name="context">The context, if any.</param>
    public static JsonSerializerOptions With(IJsonTypeInfoResolver? context)
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions);
        if (context is not null)
            options.TypeInfoResolverChain.Insert(0, context);
        options.TypeInfoResolverChain.Add(PlainJson.Instance);
        options.MakeReadOnly();
        return options;
    }
}

using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TokenBudget.Caching;

namespace TokenBudget.CompilerServices;

/// <summary>How replies, tools and parts of cache keys are read and written where the user names a context. Called by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class AgentJson
{
    /// <summary>The usual options, with the types of a context before all others.</summary>
    /// <param name="context">The context.</param>
    public static JsonSerializerOptions Options(IJsonTypeInfoResolver context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return UsualJson.With(context);
    }
}

using Microsoft.AspNetCore.Http;
using TokenBudget.Conversations;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>How large conversations are.</summary>
internal sealed class ConversationEndpoints(IConversationStore store)
{
    private const int DefaultNewest = 50;
    private const int MaxNewest = 500;

    public async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var newest = DefaultNewest;
        var problem = QueryNames.Unknown(query, "newest");
        if (problem is null && query.TryGetValue("newest", out var asked)
            && !(asked.Count == 1 && int.TryParse(asked[0], System.Globalization.NumberStyles.None, null, out newest) && newest is >= 1 and <= MaxNewest))
            problem = $"'newest' must be a whole number from 1 to {MaxNewest}.";
        if (problem is not null)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
            return;
        }

        var sizes = store is IConversationSizes told ? await told.ReadSizesAsync(newest, context.RequestAborted).ConfigureAwait(false) : null;
        await Answer.JsonAsync(context, new ConversationMetrics(sizes?.Total, [.. (sizes?.Newest ?? []).Select(ConversationUse.Of)]), MetricsJson.Default.ConversationMetrics).ConfigureAwait(false);
    }
}

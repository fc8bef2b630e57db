using System.Diagnostics;
using Microsoft.Extensions.AI;
using TokenBudget.Telemetry;

namespace TokenBudget.Calls;

/// <summary>A stream with a span from where its reading begins to its end, or to where its reader leaves.</summary>
/// <param name="stream">The stream.</param>
/// <param name="start">Starts the span.</param>
internal sealed class SpannedStream(IAsyncEnumerable<ChatResponseUpdate> stream, Func<Activity?> start) : IAsyncEnumerable<ChatResponseUpdate>
{
    /// <inheritdoc/>
    public async IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        using var span = start();
        string? model = null;
        string? finishReason = null;
        var updates = stream.GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await NextAsync().ConfigureAwait(false))
            {
                (model, finishReason) = (updates.Current.ModelId ?? model, updates.Current.FinishReason?.Value ?? finishReason);
                yield return updates.Current;
            }

            CallSpans.Answer(span, model, finishReason);
        }
        finally
        {
            // Settling is done in there, and looks for the span.
            Activity.Current = span ?? Activity.Current;
            await updates.DisposeAsync().ConfigureAwait(false);
        }

        async ValueTask<bool> NextAsync()
        {
            // Each step begins as its reader's, who knows nothing of the span.
            Activity.Current = span ?? Activity.Current;
            try
            {
                return await updates.MoveNextAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                CallSpans.Fail(span, exception, cancellationToken);
                throw;
            }
        }
    }
}

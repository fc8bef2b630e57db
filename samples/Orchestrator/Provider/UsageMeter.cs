using System.Runtime.CompilerServices;
using Anthropic.Exceptions;
using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace Orchestrator.Provider;

/// <summary>Adds up what the real service reports, where there is no simulator to send a bill.</summary>
internal sealed class UsageMeter(IChatClient innerClient, TimeProvider time) : DelegatingChatClient(innerClient)
{
    private readonly Lock _gate = new();

    public long Requests { get; private set; }

    public TokenUsage Usage { get; private set; }

    public Usd Cost { get; private set; }

    public long RateLimited { get; private set; }

    public long Largest { get; private set; }

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        try
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken);
            Add(response.Usage, options?.ModelId);
            return response;
        }
        catch (AnthropicRateLimitException)
        {
            lock (_gate)
                RateLimited++;
            throw;
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        UsageDetails? usage = null;
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? usage;
            yield return update;
        }

        Add(usage, options?.ModelId);
    }

    private void Add(UsageDetails? reported, string? modelId)
    {
        var usage = TokenUsage.From(reported) ?? default;
        lock (_gate)
        {
            Requests++;
            Usage += usage;
            Largest = Math.Max(Largest, usage.TotalInput);
            Cost += CostCalculator.CostOf(ModelCatalogue.Default.Get(modelId!), usage, time.GetUtcNow());
        }
    }
}

using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls.Field;

/// <summary>Adds up exact decimal dollars per model, and refuses once a limit is reached.</summary>
internal sealed class CostLayer(IChatClient inner, decimal limit) : DelegatingChatClient(inner)
{
    private readonly Dictionary<string, (decimal Input, decimal Cached, decimal Output)> _prices = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gpt-4o"] = (0.000_002_5m, 0.000_001_25m, 0.000_01m),
    };

    private readonly Lock _gate = new();
    private decimal _spent;

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_spent >= limit)
                throw new InvalidOperationException("The budget is used up.");
        }

        var response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        if (response.Usage is { } usage && _prices.TryGetValue(response.ModelId ?? options?.ModelId ?? string.Empty, out var price))
        {
            var cached = usage.CachedInputTokenCount ?? 0;
            var cost = (((usage.InputTokenCount ?? 0) - cached) * price.Input) + (cached * price.Cached) + ((usage.OutputTokenCount ?? 0) * price.Output);
            lock (_gate)
                _spent += cost;
        }

        return response;
    }
}

using System.Text;
using Microsoft.Extensions.AI;
using TokenBudget.Retries;

namespace TokenBudget.Calls;

/// <summary>Collects from a stream what settling needs.</summary>
internal sealed class StreamObserver
{
    private readonly StringBuilder _text = new();
    private UsageDetails? _largest;
    private UsageDetails? _sum;
    private bool _isInParts;
    private bool _isPromptRepeated = true;

    /// <summary>What was produced so far, reasoning and tool arguments included.</summary>
    public string Text => _text.ToString();

    /// <summary>How many characters that are.</summary>
    public int TextLength => _text.Length;

    /// <summary>The model that answered, if it said so.</summary>
    public string? ModelId { get; private set; }

    /// <summary>
    /// The usage reported. Some providers repeat a growing usage, others report input first and output last: the largest of each field is right for
    /// both, and a sum is not. Only a number that falls tells of parts that have to be added up; an input that is always the same is then one prompt, told
    /// again with every part.
    /// </summary>
    public UsageDetails? Usage => !_isInParts ? _largest : !_isPromptRepeated ? _sum : new UsageDetails
    {
        InputTokenCount = _largest!.InputTokenCount,
        CachedInputTokenCount = _largest.CachedInputTokenCount,
        AdditionalCounts = _largest.AdditionalCounts,
        OutputTokenCount = _sum!.OutputTokenCount,
        ReasoningTokenCount = _sum.ReasoningTokenCount,
#pragma warning disable MEAI001 // Experimental members count like all others.
        InputAudioTokenCount = _largest.InputAudioTokenCount,
        OutputAudioTokenCount = _sum.OutputAudioTokenCount,
#pragma warning restore MEAI001
    };

    /// <summary>Whether something of the answer itself has arrived.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Why the model stopped, once it has said so.</summary>
    public ChatFinishReason? FinishReason { get; private set; }

    /// <summary>What was produced from a character on.</summary>
    public string TextFrom(int start) => _text.ToString(start, _text.Length - start);

    /// <summary>A stream of events that ends without the model's last word has been cut on the way; a response in which nothing was found, such as the page of a proxy, is no answer.</summary>
    /// <exception cref="IncompleteReplyException">It has, or is none.</exception>
    public void ThrowIfIncomplete(ProviderExchange? exchange)
    {
        if (FinishReason is not null || exchange?.Status is null)
            return;
        if (!HasBegun && !exchange.IsEventStream)
            throw new IncompleteReplyException("The response was no stream of events, and no answer was found in it. A proxy may have answered in the provider's place.");
        if (exchange.IsEventStream)
            throw new IncompleteReplyException("The streamed answer ended before the model said why it stops, so a part of it is missing.");
    }

    /// <summary>Whether the last update was more than a sign of life.</summary>
    public bool IsPart { get; private set; }

    /// <summary>Whether the last update was text with nothing said of an end: the next one comes from the same response.</summary>
    public bool IsInsideText { get; private set; }

    public void Observe(ChatResponseUpdate update)
    {
        var reason = update.FinishReason;
        ModelId ??= update.ModelId;
        FinishReason ??= reason;
        // By index: an enumerator of a list behind its interface is an allocation for every update.
        var contents = update.Contents;
        var count = contents.Count;
        IsPart = count > 0 || reason is not null;
        IsInsideText = count > 0 && reason is null;
        for (var i = 0; i < count; i++)
        {
            if (contents[i] is TextContent text)
            {
                HasBegun = HasBegun || text.Text.Length > 0;
                _text.Append(text.Text);
            }
            else
            {
                Observe(contents[i]);
            }
        }
    }

    private void Observe(AIContent content)
    {
        IsInsideText &= content is TextReasoningContent;
        HasBegun |= content is not UsageContent;
        switch (content)
        {
            case TextReasoningContent reasoning:
                _text.Append(reasoning.Text);
                break;
            case FunctionCallContent call:
                _text.Append(call.Name);
                foreach (var (name, value) in call.Arguments ?? new Dictionary<string, object?>())
                    _text.Append(name).Append(value);
                break;
            case UsageContent usage:
                Observe(usage.Details);
                break;
        }
    }

    private void Observe(UsageDetails usage)
    {
        if (_largest is null || _sum is null)
        {
            _largest = usage;
            _sum = new UsageDetails();
        }
        else
        {
            _isPromptRepeated &= usage.InputTokenCount == _largest.InputTokenCount;
            _isInParts |= Falls(_largest.InputTokenCount, usage.InputTokenCount) || Falls(_largest.OutputTokenCount, usage.OutputTokenCount);
            _largest = LargerOf(_largest, usage);
        }

        _sum.Add(usage);

        // A zero says no more than a field left out.
        static bool Falls(long? before, long? now) => now > 0 && now < before;
    }

    private static UsageDetails LargerOf(UsageDetails left, UsageDetails right)
    {
        var counts = new AdditionalPropertiesDictionary<long>();
        foreach (var (name, count) in (left.AdditionalCounts ?? []).Concat(right.AdditionalCounts ?? []))
            counts[name] = counts.TryGetValue(name, out var known) ? Math.Max(known, count) : count;
        return new UsageDetails
        {
            InputTokenCount = Larger(left.InputTokenCount, right.InputTokenCount),
            OutputTokenCount = Larger(left.OutputTokenCount, right.OutputTokenCount),
            TotalTokenCount = Larger(left.TotalTokenCount, right.TotalTokenCount),
            CachedInputTokenCount = Larger(left.CachedInputTokenCount, right.CachedInputTokenCount),
            ReasoningTokenCount = Larger(left.ReasoningTokenCount, right.ReasoningTokenCount),
#pragma warning disable MEAI001 // Experimental members count like all others.
            InputAudioTokenCount = Larger(left.InputAudioTokenCount, right.InputAudioTokenCount),
            OutputAudioTokenCount = Larger(left.OutputAudioTokenCount, right.OutputAudioTokenCount),
#pragma warning restore MEAI001
            AdditionalCounts = counts,
        };

        static long? Larger(long? a, long? b) => a is null ? b : b is null ? a : Math.Max(a.Value, b.Value);
    }
}

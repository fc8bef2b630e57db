using Microsoft.Extensions.AI;

namespace TokenBudget.Calls;

/// <summary>
/// Notices a stream that goes on past its <c>max_tokens</c>. Our count of a model without a public tokenizer is an estimate, and no honest answer may be cut, so
/// it is only sure beyond twice as many.
/// </summary>
/// <param name="request">The request.</param>
internal sealed class OutputBound(PreparedRequest request)
{
    // A user's own implementation may answer with what several requests brought.
    private readonly bool _isOneAnswer = request.Enclosing is null;
    private readonly long _most = (2L * request.Fitted.MaxOutputTokens) + 64;
    private int _begin;
    // Fewer characters than tokens allowed are not worth counting.
    private long _checkAt = request.Fitted.MaxOutputTokens;

    /// <summary>Whether the answer is longer than it can be. Costs a comparison, and seldom a count of the text.</summary>
    /// <param name="update">The update that has arrived.</param>
    /// <param name="stream">All that has arrived, this update included.</param>
    public bool IsExceeded(ChatResponseUpdate update, StreamObserver stream)
    {
        if (update.FinishReason is not null)
        {
            // A client with a tool loop inside streams one answer after the other.
            _begin = stream.TextLength;
            _checkAt = _begin + (long)request.Fitted.MaxOutputTokens;
            return false;
        }

        return stream.TextLength > _checkAt && _isOneAnswer && IsExceeded(stream);
    }

    private bool IsExceeded(StreamObserver stream)
    {
        var text = stream.TextFrom(_begin);
        var tokens = request.Fitted.Calibration.ToProvider(request.Fitted.Counter.Count(text));
        if (tokens > _most)
            return true;
        // Half of the characters that the rest may have, at as many a token as so far.
        _checkAt = stream.TextLength + Math.Max(64, (_most - tokens) * text.Length / Math.Max(1, tokens) / 2);
        return false;
    }
}

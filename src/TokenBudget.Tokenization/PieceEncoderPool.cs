using System.Collections.Concurrent;

namespace TokenBudget.Tokenization;

/// <summary>Keeps the working memory of finished calls for the next ones, so that a call allocates nothing. Thread-safe.</summary>
/// <remarks>It never holds more encoders than there were calls at the same time, and none that has grown large.</remarks>
internal sealed class PieceEncoderPool
{
    private readonly Vocabulary _vocabulary;
    private readonly ConcurrentBag<PieceEncoder> _others = [];

    // The one that is enough where calls do not overlap, without the cost of the bag.
    private PieceEncoder? _first;

    public PieceEncoderPool(Vocabulary vocabulary) => _vocabulary = vocabulary;

    public PieceEncoder Rent() =>
        Interlocked.Exchange(ref _first, null)
        ?? (_others.TryTake(out var other) ? other : new PieceEncoder(_vocabulary));

    public void Return(PieceEncoder encoder)
    {
        if (encoder.MayBeKept && Interlocked.CompareExchange(ref _first, encoder, null) is not null)
            _others.Add(encoder);
    }
}

namespace TokenBudget.Tokenization;

/// <summary>Keeps the working memory of finished calls for the next ones, so that a call allocates nothing. Thread-safe, without locks.</summary>
/// <remarks>It holds a few mergers at most, and none that has grown large: memory stays bounded whatever is counted, by however many at a time.</remarks>
internal sealed class MergerPool
{
    // A merger is in use for a long or a new piece only: more than this at a time are rare, and then made anew.
    private const int MostOthers = 32;

    private readonly Vocabulary _vocabulary;

    // The one that is enough where calls do not overlap, and places for those that do.
    private Merger? _first;
    private readonly Merger?[] _others = new Merger?[MostOthers];

    public MergerPool(Vocabulary vocabulary) => _vocabulary = vocabulary;

    public Merger Rent() => Interlocked.Exchange(ref _first, null) ?? RentOther();

    public void Return(Merger merger)
    {
        if (merger.MayBeKept && Interlocked.CompareExchange(ref _first, merger, null) is not null)
            ReturnOther(merger);
    }

    private Merger RentOther()
    {
        for (var i = 0; i < _others.Length; i++)
            if (_others[i] is not null && Interlocked.Exchange(ref _others[i], null) is { } merger)
                return merger;
        return new Merger(_vocabulary);
    }

    private void ReturnOther(Merger merger)
    {
        for (var i = 0; i < _others.Length; i++)
            if (_others[i] is null && Interlocked.CompareExchange(ref _others[i], merger, null) is null)
                return;
    }
}

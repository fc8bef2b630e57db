namespace TokenBudget.Windowing;

/// <summary>What clearing the tool results of each unit would leave.</summary>
/// <param name="units">How many units there are.</param>
/// <param name="keepNewest">The newest results that stay.</param>
internal sealed class ClearableUnits(int units, int keepNewest)
{
    private readonly int[] _resultsBefore = new int[units + 1];
    private readonly long[] _clearedTokens = new long[units];
    private readonly long[] _savedBefore = new long[units + 1];
    private int _count;
    private int _border;

    /// <summary>Adds the next unit.</summary>
    /// <param name="results">How many tool results it has.</param>
    /// <param name="clearedTokens">Its tokens with these cleared.</param>
    public void Add(int results, long clearedTokens)
    {
        _resultsBefore[_count + 1] = _resultsBefore[_count] + results;
        _clearedTokens[_count++] = clearedTokens;
    }

    /// <summary>Takes the sizes clearing is compared with; a unit that has been shortened may be smaller as it is.</summary>
    public void Seal(List<MessageUnit> sizes)
    {
        for (var index = 0; index < _count; index++)
            _savedBefore[index + 1] = _savedBefore[index] + Math.Max(0, sizes[index].Tokens - _clearedTokens[index]);
    }

    /// <summary>What clearing saves from one unit up to another.</summary>
    public long SavedBetween(int first, int end) => end <= first ? 0 : _savedBefore[end] - _savedBefore[first];

    /// <summary>Whether clearing a unit makes it smaller.</summary>
    public bool Saves(int unit) => SavedBetween(unit, unit + 1) > 0;

    /// <summary>The first of the units whose results stay, in a history that ends before another: at least the newest. Asked for growing ends.</summary>
    public int BorderAt(int end)
    {
        while (_border < end - 1 && _resultsBefore[end] - _resultsBefore[_border + 1] >= keepNewest)
            _border++;
        return _border;
    }
}

using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>What spending of one budget raises an alert: amounts, computed once a period and not with every request.</summary>
internal sealed class AlertLevels
{
    private readonly List<(Usd At, int? Percent)> _levels = [];
    private readonly Usd _lowest = Usd.MaxValue;

    /// <param name="limit">The budget's limit, if it has one.</param>
    /// <param name="percents">Shares of it, in percent.</param>
    /// <param name="threshold">An amount besides, if there is one.</param>
    public AlertLevels(Usd? limit, IEnumerable<int> percents, Usd? threshold)
    {
        if (limit is { } most)
            foreach (var percent in percents)
                // What is beyond counting is never reached.
                if ((Int128)most.PicoDollars * percent / 100 is var level && level <= long.MaxValue)
                    _levels.Add((new Usd((long)level), percent));
        if (threshold is { } amount)
            _levels.Add((amount, null));
        foreach (var (at, _) in _levels)
            _lowest = at < _lowest ? at : _lowest;
    }

    /// <summary>Whether spending has reached any of them. Nearly never.</summary>
    /// <param name="before">What was spent before.</param>
    /// <param name="after">What is spent now.</param>
    public bool IsReached(Usd before, Usd after)
    {
        if (after < _lowest)
            return false;
        foreach (var (at, _) in _levels)
            if (before < at && after >= at)
                return true;
        return false;
    }

    /// <summary>The levels that spending has reached, those of the limit first.</summary>
    /// <param name="before">What was spent before.</param>
    /// <param name="after">What is spent now.</param>
    public IEnumerable<(Usd At, int? Percent)> Reached(Usd before, Usd after) => _levels.Where(level => before < level.At && after >= level.At);
}

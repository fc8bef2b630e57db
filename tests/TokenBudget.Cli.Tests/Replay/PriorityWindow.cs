using Microsoft.Extensions.AI;
using TokenBudget.Cli.Replay;
using TokenBudget.Counting;
using TokenBudget.Windowing;

namespace TokenBudget.Cli.Tests.Replay;

/// <summary>
/// An economic window that keeps, at a cut, a share of the low mark for old units whose identifiers answers have come back to: those that would bring back the most
/// identifiers, by how often they were used, for their tokens. They stand in front of the tail and stay until the next cut, so that the prefix stays cached.
/// </summary>
internal sealed class PriorityWindow(ReplayedConversation conversation, ModelCounter counter, PromptCacheTerms terms, long high, long low, double share)
{
    private readonly ContextWindow _window = new(new ContextWindowOptions { MaxTokens = high, TrimToTokens = low, PromptCache = terms }, counter.Messages);
    private readonly List<HashSet<string>> _identifiers = [.. conversation.Messages.Select(Identifiers.Of)];
    private List<int> _kept = [];
    private int _tail;

    private long Reserve => (long)(counter.Calibration.ToCounted(low) * share);

    /// <summary>What is sent of a history, which is the first messages of the conversation without those that say nothing.</summary>
    public List<ChatMessage> Reduce(List<ChatMessage> history)
    {
        var (sent, report) = _window.Reduce(history, Reserve, counter.Calibration);
        if (report.TailStart == 0)
            return [.. sent];
        if (report.TailStart != _tail)
        {
            _tail = report.TailStart;
            _kept = Choose(history);
        }

        var tail = history.Count - report.TailStart;
        var system = sent.Take(sent.Count - tail).Where(static message => message.Role == ChatRole.System);
        var anchor = sent.Take(sent.Count - tail).Where(static message => message.Role != ChatRole.System).ToList();
        // The first message is the user's: the one of the turn the newest part lies in, or else the one before the first unit that is kept.
        if (anchor.Count == 0 && _kept.Count > 0 && history.FindLastIndex(_kept[0], static message => message.Role == ChatRole.User) is >= 0 and var user && !_kept.Contains(user))
            anchor.Add(history[user]);
        return [.. system, .. anchor, .. _kept.Select(index => history[index]).Where(message => !anchor.Contains(message)), .. sent.TakeLast(tail)];
    }

    private List<int> Choose(List<ChatMessage> history)
    {
        var positions = conversation.Find(history).Positions;
        var present = new HashSet<string>(positions.Skip(_tail).SelectMany(position => _identifiers[position]));
        var uses = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var position in positions.Where(position => conversation.Messages[position].Role == ChatRole.Assistant))
            foreach (var identifier in _identifiers[position])
                uses[identifier] = uses.GetValueOrDefault(identifier) + 1;
        var units = UnitsBefore(history, _tail);
        var room = Reserve;
        var chosen = new List<int>();
        while (true)
        {
            var best = units
                .Select(unit => (Unit: unit, Tokens: unit.Sum(index => (long)counter.Messages.Count(history[index]))))
                .Where(one => one.Tokens <= room)
                .Select(one => (one.Unit, one.Tokens, Value: one.Unit.SelectMany(index => _identifiers[positions[index]]).Distinct().Where(id => !present.Contains(id)).Sum(id => Math.Max(0, uses.GetValueOrDefault(id) - 1)) / (double)one.Tokens))
                .OrderByDescending(static one => one.Value)
                .FirstOrDefault();
            if (best.Unit is null || best.Value <= 0)
                return [.. chosen.Order()];
            chosen.AddRange(best.Unit);
            present.UnionWith(best.Unit.SelectMany(index => _identifiers[positions[index]]));
            room -= best.Tokens;
            units.Remove(best.Unit);
        }
    }

    private static List<List<int>> UnitsBefore(List<ChatMessage> history, int end)
    {
        var units = new List<List<int>>();
        for (var index = 0; index < end; index++)
        {
            if (history[index].Role == ChatRole.Tool && units.Count > 0)
                units[^1].Add(index);
            else if (history[index].Role != ChatRole.System)
                units.Add([index]);
        }

        return units;
    }
}

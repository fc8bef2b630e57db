using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;

namespace TokenBudget.Cli.Tests.Replay;

/// <summary>
/// The least a window of given marks can cost on a conversation whose end is known: dynamic programming over the requests and the units a window can
/// start with. It may cut at any request, not only above the high mark, and never has to before; a cut goes to the low mark, as cuts do, and to the border
/// of a unit; above the high mark it must cut. Written without the code of the window it judges.
/// </summary>
internal sealed class OfflineOptimum(ModelInfo model, ModelCounter counter, DateTimeOffset at, long highMark, long lowMark)
{
    private readonly long _high = counter.Calibration.ToCounted(highMark);
    private readonly long _low = counter.Calibration.ToCounted(lowMark);
    private readonly List<Unit> _units = [];
    private readonly List<(int End, long Output)> _requests = [];
    private long _system;
    private long[] _before = [];
    private int[] _userBefore = [];

    private long Fixed => _system + MessageCounter.TokensPerRequest;

    /// <summary>What the best cuts cost, and what it costs to cut only when the high mark forces it.</summary>
    public (decimal Best, decimal Plain) CostOf(RecordedConversation conversation)
    {
        Read(conversation);
        var best = new Dictionary<int, decimal> { [0] = 0 };
        var (plainStart, plain) = (0, 0m);
        var lowest = 0;
        var previous = 0;
        foreach (var (end, output) in _requests)
        {
            while (lowest < end - 1 && SizeOf(lowest, end) > _low)
                lowest++;
            var next = new Dictionary<int, decimal>();
            foreach (var (start, spent) in best)
            {
                if (SizeOf(start, end) <= _high || lowest <= start)
                    Keep(start, spent + Price(start, start, previous, end, output));
                if (lowest > start)
                    Keep(lowest, spent + Price(start, lowest, previous, end, output));
            }

            best = next;
            var plainNext = SizeOf(plainStart, end) > _high ? Math.Max(plainStart, lowest) : plainStart;
            plain += Price(plainStart, plainNext, previous, end, output);
            plainStart = plainNext;
            previous = end;

            void Keep(int start, decimal cost) => next[start] = next.TryGetValue(start, out var known) ? Math.Min(known, cost) : cost;
        }

        return (best.Values.Min(), plain);
    }

    /// <summary>What one request costs whose window starts with <paramref name="start"/>, after one that started with <paramref name="previousStart"/>.</summary>
    private decimal Price(int previousStart, int start, int previousEnd, int end, long output)
    {
        var kept = _before[previousEnd] - _before[previousStart] + AnchorTokens(previousStart);
        var shared = previousEnd == 0 ? 0
            : start == previousStart ? _system + kept
            : FirstOf(start) != FirstOf(previousStart) ? _system
            // The user message in front is the same; and where it also was the first unit, so is what follows.
            : start == previousStart + 1 && _units[previousStart].IsUser ? _system + kept
            : _system + _units[FirstOf(start)].Tokens;
        var input = counter.Calibration.ToProvider(SizeOf(start, end));
        var read = counter.Calibration.ToProvider(shared);
        read = read < model.MinCacheableTokens ? 0 : read;
        var written = counter.Calibration.ToProvider(output);
        var usage = input < model.MinCacheableTokens
            ? new TokenUsage { FreshInput = input, Output = written }
            : new TokenUsage { CacheRead = read, CacheWrite5Minutes = input - read, Output = written };
        return CostCalculator.CostOf(model, usage, at).Dollars;
    }

    private long SizeOf(int start, int end) => Fixed + _before[end] - _before[start] + AnchorTokens(start);

    private long AnchorTokens(int start) => FirstOf(start) == start ? 0 : _units[FirstOf(start)].Tokens;

    /// <summary>The unit sent first: the window's first one, or the user message that began its turn.</summary>
    private int FirstOf(int start) => start > 0 && !_units[start].IsUser && _userBefore[start] >= 0 ? _userBefore[start] : start;

    private void Read(RecordedConversation conversation)
    {
        _units.Clear();
        _requests.Clear();
        _system = 0;
        var somebodySpoke = false;
        foreach (var message in conversation.CompleteToolPairs().Messages)
        {
            var tokens = counter.Messages.Count(message);
            if (message.Role == ChatRole.Assistant && somebodySpoke)
                _requests.Add((_units.Count, tokens - MessageCounter.TokensPerMessage));
            somebodySpoke |= message.Role == ChatRole.User;
            if (message.Role == ChatRole.System)
                _system += tokens;
            else if (message.Role == ChatRole.Tool)
                _units[^1] = _units[^1] with { Tokens = _units[^1].Tokens + tokens };
            else
                _units.Add(new Unit(tokens, message.Role == ChatRole.User));
        }

        _before = new long[_units.Count + 1];
        _userBefore = new int[_units.Count + 1];
        _userBefore[0] = -1;
        for (var index = 0; index < _units.Count; index++)
        {
            // What could never fit is sent shortened, to about the low mark.
            var anchor = _units[index].IsUser || _userBefore[index] < 0 ? 0 : _units[_userBefore[index]].Tokens;
            if (_units[index].Tokens + anchor > _high - Fixed)
                _units[index] = _units[index] with { Tokens = _low - Fixed - anchor };
            _before[index + 1] = _before[index] + _units[index].Tokens;
            _userBefore[index + 1] = _units[index].IsUser ? index : _userBefore[index];
        }
    }

    private readonly record struct Unit(long Tokens, bool IsUser);
}

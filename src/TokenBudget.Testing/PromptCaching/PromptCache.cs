namespace TokenBudget.Testing;

/// <summary>The provider's prompt cache: whole prefixes, per model.</summary>
/// <remarks>
/// Anthropic's rules with their sources: order tools, system, messages (documented). An entry is stored at each marker and nowhere else
/// (documented). A marker looks for an entry at its own place and at the 19 before it (documented: at most 20 places). A prefix below the
/// model's minimum is not cached, silently (documented). Reading refreshes an entry at no cost (documented); that of the markers inside the
/// part read too (assumed). 1-hour and 5-minute writes are split as documented: up to the last 1-hour marker, and from there on. An entry
/// is readable once the response that writes it has begun (documented). OpenAI's: automatic, from 1,024 tokens on, in steps of 128, kept for
/// some minutes since the last use (documented; exactly 5 here, assumed). Not thread-safe: the simulator's lock guards it.
/// </remarks>
internal sealed class PromptCache
{
    public static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan OneHour = TimeSpan.FromHours(1);

    private const int PlacesPerMarker = 20;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string Model, UInt128 Prefix), Entry> _entries = [];
    private DateTimeOffset _sweptAt;

    /// <summary>Anthropic's rule: markers say where.</summary>
    public PromptCacheLookup LookAtMarkers(SimulatedModel model, IReadOnlyList<PromptPart> prompt, DateTimeOffset now)
    {
        var total = prompt.Count == 0 ? 0 : prompt[^1].PrefixTokens;
        var markers = Enumerable.Range(0, prompt.Count)
            .Where(place => prompt[place].Lifetime is not null && prompt[place].PrefixTokens >= model.MinCacheableTokens)
            .ToArray();
        if (markers.Length == 0)
            return new PromptCacheLookup(new PromptUsage(total, 0, 0, 0), [], []);

        var hit = Find(model, prompt, markers, now);
        var reads = hit < 0 ? [] : markers.Where(place => place < hit).Append(hit);
        var writes = markers.Where(place => place > hit).ToArray();
        var read = hit < 0 ? 0 : prompt[hit].PrefixTokens;
        var lastHour = writes.LastOrDefault(place => prompt[place].Lifetime == OneHour, -1);
        var hourEnd = lastHour < 0 ? read : prompt[lastHour].PrefixTokens;
        var end = writes.Length == 0 ? read : prompt[writes[^1]].PrefixTokens;
        var usage = new PromptUsage(total - end, read, end - hourEnd, hourEnd - read);
        return new PromptCacheLookup(usage, [.. reads.Select(place => prompt[place])], [.. writes.Select(place => prompt[place])]);
    }

    /// <summary>OpenAI's rule: every part of the layout is a place, the longest stored prefix is read, and nothing is charged for writing (documented).</summary>
    public PromptCacheLookup LookEverywhere(SimulatedModel model, IReadOnlyList<PromptPart> prompt, DateTimeOffset now)
    {
        var total = prompt.Count == 0 ? 0 : prompt[^1].PrefixTokens;
        var places = prompt.Where(part => part.Lifetime is not null && part.PrefixTokens >= model.MinCacheableTokens).ToList();
        var hit = places.FindLastIndex(part => _entries.TryGetValue((model.Id, part.PrefixHash), out var entry) && entry.ExpiresAt > now);
        var read = hit < 0 ? 0 : places[hit].PrefixTokens;
        return new PromptCacheLookup(new PromptUsage(total - read, read, 0, 0), places[..(hit + 1)], places[(hit + 1)..]);
    }

    /// <summary>Refreshes what an admitted request reads; a refused one reads nothing.</summary>
    public void Read(SimulatedModel model, PromptCacheLookup lookup, DateTimeOffset now)
    {
        foreach (var part in lookup.Reads)
        {
            if (_entries.TryGetValue((model.Id, part.PrefixHash), out var entry) && entry.ExpiresAt > now)
                entry.ExpiresAt = now + entry.Lifetime;
        }
    }

    public void Write(SimulatedModel model, PromptCacheLookup lookup, DateTimeOffset now)
    {
        Sweep(now);
        foreach (var part in lookup.Writes)
        {
            var key = (model.Id, part.PrefixHash);
            var lifetime = part.Lifetime ?? FiveMinutes;
            // Two requests that write the same prefix at once: the longer lifetime stays.
            if (!_entries.TryGetValue(key, out var there) || there.ExpiresAt < now + lifetime)
                _entries[key] = new Entry(lifetime) { ExpiresAt = now + lifetime };
        }
    }

    /// <summary>The last place whose prefix is stored, or -1. The last marker looks first, so what is found first is the longest.</summary>
    private int Find(SimulatedModel model, IReadOnlyList<PromptPart> prompt, int[] markers, DateTimeOffset now)
    {
        for (var index = markers.Length - 1; index >= 0; index--)
        {
            var first = Math.Max(0, markers[index] - PlacesPerMarker + 1);
            for (var place = markers[index]; place >= first; place--)
            {
                if (_entries.TryGetValue((model.Id, prompt[place].PrefixHash), out var entry) && entry.ExpiresAt > now)
                    return place;
            }
        }

        return -1;
    }

    private void Sweep(DateTimeOffset now)
    {
        if (now - _sweptAt < SweepEvery)
            return;
        _sweptAt = now;
        foreach (var (key, entry) in _entries)
        {
            // Removing while enumerating is allowed for Dictionary.
            if (entry.ExpiresAt <= now)
                _entries.Remove(key);
        }
    }

    private sealed class Entry(TimeSpan lifetime)
    {
        public TimeSpan Lifetime => lifetime;

        public DateTimeOffset ExpiresAt { get; set; }
    }
}

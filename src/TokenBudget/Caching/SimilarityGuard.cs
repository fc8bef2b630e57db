using System.Globalization;

namespace TokenBudget.Caching;

/// <summary>
/// Whether two questions that an embedding takes for the same may have one answer. What decides an answer hardly moves an embedding: a "not", 15 instead of 50, Bob instead of Alice, who
/// does what to whom. So the words have the last say: the two may differ in words that mean nothing, and one may say more than the other, but
/// <list type="bullet">
/// <item>numbers, negations and other words that decide, and names must be the same in both;</item>
/// <item>the words both have must come in the same order;</item>
/// <item>where one has a word, the other must not have another one in its place.</item>
/// </list>
/// What cannot be told apart this way, because its script has no capital letters, is never the same.
/// </summary>
internal static class SimilarityGuard
{
    public static bool MayShareAnswer(string known, string asked)
    {
        if (Read(known) is not { } first || Read(asked) is not { } second)
            return false;
        return first.Numbers.SequenceEqual(second.Numbers, StringComparer.OrdinalIgnoreCase)
            && first.Deciding.SequenceEqual(second.Deciding, StringComparer.OrdinalIgnoreCase)
            && first.Names.TrueForAll(name => second.All.Contains(name))
            && second.Names.TrueForAll(name => first.All.Contains(name))
            && AreAligned(first.Words, second.Words);
    }

    /// <summary>Whether the common words come in one order, as often, with words between them on one side at most.</summary>
    private static bool AreAligned(List<string> first, List<string> second)
    {
        var (inFirst, inSecond) = (first.ToHashSet(StringComparer.OrdinalIgnoreCase), second.ToHashSet(StringComparer.OrdinalIgnoreCase));
        if (!inFirst.Overlaps(inSecond))
            return false;
        for (var (i, j) = (0, 0); ; i++, j++)
        {
            var (from, to) = (i, j);
            while (i < first.Count && !inSecond.Contains(first[i]))
                i++;
            while (j < second.Count && !inFirst.Contains(second[j]))
                j++;
            if (i > from && j > to)
                return false;
            if (i == first.Count || j == second.Count)
                return i == first.Count && j == second.Count;
            if (!first[i].Equals(second[j], StringComparison.OrdinalIgnoreCase))
                return false;
        }
    }

    /// <summary>The text's words by what they are; <see langword="null"/> for a text in a script without capital letters, whose names look like all other words.</summary>
    private static Reading? Read(string text)
    {
        foreach (var character in text)
            if (char.GetUnicodeCategory(character) is UnicodeCategory.OtherLetter or UnicodeCategory.Surrogate)
                return null;

        var reading = new Reading();
        var beginsSentence = true;
        foreach (var part in text.Replace('’', '\'').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var word = part.AsSpan().Trim(SimilarityWords.Punctuation).ToString();
            if (word.Length > 0)
                Add(reading, word, beginsSentence);
            beginsSentence = part[^1] is '.' or '!' or '?' or ':';
        }

        // Their order is told by the words between them.
        reading.Deciding.Sort(StringComparer.OrdinalIgnoreCase);
        return reading;
    }

    private static void Add(Reading reading, string word, bool beginsSentence)
    {
        if (word.EndsWith("n't", StringComparison.OrdinalIgnoreCase) || word.Equals("cannot", StringComparison.OrdinalIgnoreCase))
        {
            reading.Deciding.Add("not");
            word = word[..^3];
        }
        else if (word.IndexOf('\'') is > 0 and var apostrophe && SimilarityWords.Endings.Contains(word[apostrophe..]))
        {
            word = word[..apostrophe];
        }

        reading.All.Add(word);
        if (SimilarityWords.Filler.Contains(word))
            return;
        if (SimilarityWords.Deciding.Contains(word))
            reading.Deciding.Add(word);
        if (SimilarityWords.Numbers.Contains(word) || word.Any(char.IsNumber))
            reading.Numbers.Add(word);
        if (word.Skip(beginsSentence ? 1 : 0).Any(char.IsUpper) && word != "I")
            reading.Names.Add(word);
        reading.Words.Add(word);
    }

    private sealed class Reading
    {
        /// <summary>Without filler, in order.</summary>
        public List<string> Words { get; } = [];

        public HashSet<string> All { get; } = new(StringComparer.OrdinalIgnoreCase);

        public List<string> Numbers { get; } = [];

        public List<string> Deciding { get; } = [];

        public List<string> Names { get; } = [];
    }
}

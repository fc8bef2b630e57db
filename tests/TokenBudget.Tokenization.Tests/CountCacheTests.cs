namespace TokenBudget.Tokenization.Tests;

/// <summary>The shared cache under threads that write the same entry.</summary>
/// <remarks>
/// A torn read shows only if the words of two pieces make up a third one, so such pieces are searched for: two that share an entry, of which one
/// begins and the other ends like a third that also belongs there. The third is never written; found all the same, it was put together.
/// </remarks>
public sealed unsafe class CountCacheTests
{
    private const int CountOfHead = 3;
    private const int CountOfTail = 5;

    [Theory]
    [InlineData(2, 1)]
    [InlineData(4, 1)]
    [InlineData(4, 2)]
    [InlineData(4, 3)]
    [InlineData(8, 1)]
    [InlineData(8, 4)]
    [InlineData(8, 7)]
    public void Words_that_were_not_written_together_never_pass_for_an_entry(int words, int split)
    {
        var cache = new CountCache();
        var random = new Random(words + split);
        var torn = Key(random, words);
        var head = Colliding(cache, random, torn, keptFrom: 0, keptTo: split);
        var tail = Colliding(cache, random, torn, keptFrom: split, keptTo: words);
        var entry = Entry(cache, torn);
        var headWritten = Written(head, CountOfHead);
        var tailWritten = Written(tail, CountOfTail);

        // Every state that two writers can leave or a reader can meet: each word from the one or the other.
        for (var mixture = 0; mixture < 1 << words; mixture++)
        {
            for (var word = 0; word < words; word++)
                entry[word] = ((mixture >> word) & 1) == 0 ? headWritten[word] : tailWritten[word];

            Find(cache, torn).ShouldBe(0, $"{mixture:b}");
            Find(cache, head).ShouldBe(mixture == 0 ? CountOfHead : 0, $"{mixture:b}");
            Find(cache, tail).ShouldBe(mixture == (1 << words) - 1 ? CountOfTail : 0, $"{mixture:b}");
        }

        ulong[] Written(ulong[] key, int count)
        {
            Add(cache, key, count);
            var written = new ReadOnlySpan<ulong>(entry, words).ToArray();
            new Span<ulong>(entry, words).Clear();
            return written;
        }
    }

    [Theory]
    [MemberData(nameof(Encodings.All), MemberType = typeof(Encodings))]
    public void Threads_that_push_out_each_others_words_get_the_counts_of_the_plain_reference(string encoding)
    {
        // Words of 15 letters out of four heads and four tails that all belong to the same place.
        var (heads, tails) = CollidingWords();
        var reference = new ReferenceTokenizer(encoding);
        var tokenizer = Tokenizer.ForEncoding(encoding);
        var words = heads.SelectMany(head => tails.Select(tail => head + tail)).ToArray();
        var expected = words.Select(reference.CountPiece).ToArray();
        expected.Distinct().Count().ShouldBeGreaterThan(1, "words of one count would hide a wrong one");
        var wrong = 0;

        Parallel.For(
            0,
            4,
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            thread =>
            {
                var random = new Random(thread);
                for (var i = 0; i < (Encodings.Nightly ? 4_000_000 : 200_000); i++)
                {
                    var word = random.Next(words.Length);
                    if (tokenizer.CountTokens(words[word]) != expected[word])
                        Interlocked.Increment(ref wrong);
                }
            });

        wrong.ShouldBe(0);
    }

    /// <summary>A key that belongs to the same place as another and has some of its words.</summary>
    private static ulong[] Colliding(CountCache cache, Random random, ulong[] other, int keptFrom, int keptTo)
    {
        var place = Entry(cache, other);
        while (true)
        {
            var key = Key(random, other.Length);
            other.AsSpan(keptFrom, keptTo - keptFrom).CopyTo(key.AsSpan(keptFrom));
            if (Entry(cache, key) == place)
                return key;
        }
    }

    private static (string[] Heads, string[] Tails) CollidingWords()
    {
        // Heads are looked for with one tail, tails with every head found.
        var random = new Random(11);
        var cache = new CountCache();
        var heads = new List<string> { Letters(random, 8) };
        var tails = new List<string> { Letters(random, 7) };
        var place = Entry(cache, Key(heads[0] + tails[0], 2));
        while (heads.Count < 4)
            if (Letters(random, 8) is var head && Entry(cache, Key(head + tails[0], 2)) == place)
                heads.Add(head);
        while (tails.Count < 4)
            if (Letters(random, 7) is var tail && heads.TrueForAll(head => Entry(cache, Key(head + tail, 2)) == place))
                tails.Add(tail);
        return ([.. heads], [.. tails]);
    }

    private static ulong* Entry(CountCache cache, ulong[] key)
    {
        fixed (ulong* first = key)
            return key.Length == 2 ? cache.Ascii(key[0], key[1]) : cache.Wide(first, key.Length);
    }

    private static string Letters(Random random, int length) => string.Create(length, random, static (letters, random) =>
    {
        foreach (ref var letter in letters)
            letter = (char)('a' + random.Next(26));
    });

    /// <summary>The key of random characters, as many as a piece can have that has so many words.</summary>
    private static ulong[] Key(Random random, int words) => words == 2
        ? Key(Letters(random, CountCache.MostAscii), words)
        : Key(string.Create(words == 4 ? CountCache.MostAscii : CountCache.MostUnits, random, static (units, random) =>
        {
            foreach (ref var unit in units)
                unit = (char)random.Next(0x100, 0xD800);
        }), words);

    private static ulong[] Key(string piece, int words)
    {
        var key = new ulong[words];
        fixed (char* characters = piece)
        fixed (ulong* first = key)
        {
            if (words == 2)
                CountCache.TryAsciiKey(characters, piece.Length, out key[0], out key[1]);
            else
                CountCache.WideKey(characters, piece.Length, first).ShouldBe(words);
        }

        return key;
    }

    private static void Add(CountCache cache, ulong[] key, int count)
    {
        fixed (ulong* first = key)
        {
            if (key.Length == 2)
                cache.AddAscii(key[0], key[1], count);
            else
                cache.Add(first, key.Length, count);
        }
    }

    private static int Find(CountCache cache, ulong[] key)
    {
        fixed (ulong* first = key)
            return key.Length == 2 ? cache.FindAscii(key[0], key[1]) : cache.Find(first, key.Length);
    }
}

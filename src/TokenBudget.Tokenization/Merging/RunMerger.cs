namespace TokenBudget.Tokenization;

/// <summary>Counts the tokens of one token repeated many times, in as many steps as the number has binary digits.</summary>
/// <remarks>
/// A join of two equal tokens happens everywhere in the run before any join of what comes out of it, because that has a larger rank. So
/// the run is halved as a whole, and an odd token is left over behind it. What is left over is short and is merged one by one.
/// </remarks>
internal static unsafe class RunMerger
{
    public static int Count(Vocabulary vocabulary, int id, int times)
    {
        // At most one token is left over by each halving.
        var rest = stackalloc int[32];
        var restCount = 0;
        while (true)
        {
            // rest is kept back to front: its first token is the last of the array.
            var (least, at) = (times > 1 ? vocabulary.Join(id, id) : Vocabulary.None, -2);
            if (restCount > 0 && vocabulary.Join(id, rest[restCount - 1]) is var beside && beside < least)
                (least, at) = (beside, -1);
            for (var i = restCount - 1; i > 0; i--)
                if (vocabulary.Join(rest[i], rest[i - 1]) is var join && join < least)
                    (least, at) = (join, i);
            if (least == Vocabulary.None)
                return times + restCount;

            if (at == -2)
            {
                if ((times & 1) != 0)
                    rest[restCount++] = id;
                (id, times) = (least, times >> 1);
            }
            else if (at == -1)
            {
                rest[restCount - 1] = least;
                if (--times == 0)
                    (id, times) = (rest[--restCount], 1);
            }
            else
            {
                rest[at - 1] = least;
                for (var i = at; i < restCount - 1; i++)
                    rest[i] = rest[i + 1];
                restCount--;
            }
        }
    }
}

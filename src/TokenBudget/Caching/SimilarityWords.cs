using System.Collections.Frozen;

namespace TokenBudget.Caching;

/// <summary>Words by what they do to the answer of a question. A word that is missing here is one that must not be replaced by another.</summary>
internal static class SimilarityWords
{
    /// <summary>What may stand around a word and is no part of it.</summary>
    public const string Punctuation = ".,;:!?…\"'`´‘’“”„«»()[]{}*_~";

    /// <summary>What hangs on a word and says nothing by itself.</summary>
    public static readonly FrozenSet<string> Endings = Of("' 's 're 'm 've 'll 'd");

    /// <summary>Words that come and go without another answer, and may replace each other.</summary>
    public static readonly FrozenSet<string> Filler = Of("a an the is are am be do does can could would please kindly hi hello hey dear thanks thank ok okay so well just tell");

    /// <summary>Negations, of the languages most written in, and words that say which or how many: they must be the same in both texts, wherever they stand.</summary>
    public static readonly FrozenSet<string> Deciding = Of(
        """
        not no never none nobody nothing nowhere neither nor without except unless but against instead hardly barely
        nicht kein keine keinen keinem keiner nie niemals niemand nichts ohne
        ne pas jamais sans aucun aucune personne rien
        nunca jamás sin nada nadie ningún ninguna non mai senza nessun nessuna niente não sem nenhum nenhuma niet geen nooit zonder niets
        нет не ни никогда без
        all any every each only both either or if else other another same different also again still already yet
        first last next previous latest newest oldest before after until since
        most least more less fewer many few max min maximum minimum always sometimes often
        must should may might need shall will
        """);

    /// <summary>Numbers in words.</summary>
    public static readonly FrozenSet<string> Numbers = Of(
        """
        zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
        twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen half third quarter double twice triple once second
        eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf un deux trois quatre cinq sept huit neuf dix uno dos tres cuatro cinco seis siete ocho nueve diez
        """);

    private static FrozenSet<string> Of(string words) =>
        words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}

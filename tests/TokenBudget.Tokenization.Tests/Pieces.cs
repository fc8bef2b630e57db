namespace TokenBudget.Tokenization.Tests;

/// <summary>The pieces that the library splits a text into.</summary>
internal static unsafe class Pieces
{
    private static readonly PreTokenizer O200k = new O200kPreTokenizer();
    private static readonly PreTokenizer Cl100k = new Cl100kPreTokenizer();

    public static List<string> Of(string encoding, string text)
    {
        var preTokenizer = encoding == Encodings.O200k ? O200k : Cl100k;
        var pieces = new List<string>();
        fixed (char* characters = text)
            for (int start = 0, end; start < text.Length; start = end)
            {
                end = preTokenizer.PieceEnd(characters, start, text.Length);
                pieces.Add(text[start..end]);
            }

        return pieces;
    }
}

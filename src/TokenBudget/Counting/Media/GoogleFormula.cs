namespace TokenBudget.Counting.Media;

/// <summary>
/// Google's rule: up to Gemini 2.5 a picture of at most 384 pixels a side is 258 tokens, a larger one 258 for each tile of 768 begun; from
/// Gemini 3 on a picture is 1,120 and a page 560, whatever the size.
/// </summary>
/// <remarks>
/// Sources: Google, "Understand and count tokens" (ai.google.dev/gemini-api/docs/tokens), "Document understanding" (258 a page) and "Media resolution"
/// (the defaults of Gemini 3). A larger picture is shrunk to 3,072 pixels a side, so 4 × 4 tiles are the most, and what one of unknown size has.
/// </remarks>
/// <param name="isFixed">Whether the model is of Gemini 3 or later.</param>
internal sealed class GoogleFormula(bool isFixed) : MediaFormula
{
    private const int TokensPerTile = 258;
    private const int Tile = 768;
    private const int Small = 384;
    private const int MaxSide = 3_072;
    private const int MostTiles = MaxSide / Tile * (MaxSide / Tile);

    public override int TokensPerPage => isFixed ? 560 : TokensPerTile;

    public override int Image(PixelSize? size, bool isLowDetail) => (isFixed, size) switch
    {
        (true, _) => isLowDetail ? 280 : 1_120,
        (_, null) => MostTiles * TokensPerTile,
        (_, { LongSide: <= Small }) => TokensPerTile,
        (_, { } pixels) => (int)(pixels.Squares(Tile, MaxSide / (double)pixels.LongSide) * TokensPerTile),
    };
}

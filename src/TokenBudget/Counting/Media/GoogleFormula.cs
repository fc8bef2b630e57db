namespace TokenBudget.Counting.Media;

/// <summary>
/// Google's rule: up to Gemini 2.5 a picture of at most 384 pixels a side is 258 tokens, a larger one 258 for each tile begun, whose side is two thirds
/// of the picture's short side, but 256 to 768 pixels; from Gemini 3 on a picture is 1,120 and a page 560, whatever the size.
/// </summary>
/// <remarks>
/// Sources: Google, "Understand and count tokens" (258, 384 and 768), "Image understanding", section "Token calculation" (the side of a tile; 960 × 540 is six
/// tiles) and "Media resolution" (the defaults of Gemini 3, as of September 2026; for Gemini 2.5 it gives 256, and about 2,048 for a large picture). A larger picture is shrunk to
/// 3,072 pixels a side, so 4 × 4 tiles are the most, and what one of unknown size has.
/// </remarks>
/// <param name="isFixed">Whether the model is of Gemini 3 or later.</param>
internal sealed class GoogleFormula(bool isFixed) : MediaFormula
{
    private const int TokensPerTile = 258;
    private const int SmallestTile = 256;
    private const int LargestTile = 768;
    private const int Small = 384;
    private const int MaxSide = 3_072;
    private const int MostTiles = MaxSide / LargestTile * (MaxSide / LargestTile);

    public override int TokensPerPage => isFixed ? 560 : TokensPerTile;

    public override int Image(PixelSize? size, ImageDetail detail) => (isFixed, size) switch
    {
        (true, _) => detail == ImageDetail.Low ? 280 : 1_120,
        (_, null) => MostTiles * TokensPerTile,
        (_, { LongSide: <= Small }) => TokensPerTile,
        (_, { } pixels) => Tiles(pixels) * TokensPerTile,
    };

    private static int Tiles(PixelSize size)
    {
        var scale = Math.Min(1, MaxSide / (double)size.LongSide);
        var tile = (int)Math.Clamp(size.ShortSide * scale / 1.5, SmallestTile, LargestTile);
        return (int)Math.Min(MostTiles, size.Squares(tile, scale));
    }
}

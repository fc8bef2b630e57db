namespace TokenBudget.Counting.Media;

/// <summary>
/// OpenAI's tile rule: low detail costs the base; otherwise the picture is made to fit 2,048 × 2,048, its short side is made at most 768,
/// and each square of 512 begun costs a tile.
/// </summary>
/// <remarks>
/// Source: OpenAI, "Images and vision", section "Calculating costs" (developers.openai.com/api/docs/guides/images-vision), read
/// in copies of March to October 2026. Its examples until 2025: 1,024 × 1,024 is
/// 85 + 4 × 170 = 765; 2,048 × 4,096 is 85 + 6 × 170 = 1,105.
/// </remarks>
/// <param name="baseTokens">What any picture costs.</param>
/// <param name="tileTokens">What each tile costs.</param>
internal sealed class OpenAITileFormula(int baseTokens, int tileTokens) : MediaFormula
{
    private const int MaxSide = 2_048;
    private const int MaxShortSide = 768;
    private const int Tile = 512;

    // 768 by 2,048 pixels.
    private const int MostTiles = 8;

    // A page goes in as its text and as a picture; a letter page's picture has 2 × 2 tiles, and 700 tokens is a page full of prose.
    private const int TilesPerPage = 4;
    private const int TextPerPage = 700;

    public override int TokensPerPage => baseTokens + (TilesPerPage * tileTokens) + TextPerPage;

    public override int Image(PixelSize? size, ImageDetail detail)
    {
        if (detail == ImageDetail.Low)
            return baseTokens;
        if (size is not { } pixels)
            return baseTokens + (MostTiles * tileTokens);
        var fit = Math.Min(1, MaxSide / (double)pixels.LongSide);
        var scale = Math.Min(fit, MaxShortSide / (double)pixels.ShortSide);
        return (int)(baseTokens + (pixels.Squares(Tile, scale) * tileTokens));
    }
}

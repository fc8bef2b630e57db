namespace TokenBudget.Counting.Media;

/// <summary>
/// Anthropic's rule: a token for each square of 28 pixels begun, after a picture whose long side or tokens are over the model's limit has been
/// shrunk to the largest size of the same shape that keeps to both.
/// </summary>
/// <remarks>
/// Sources, read in copies of August to November 2026: Anthropic, "Vision" and "Coordinates and bounding boxes" (1,568 pixels and 1,568 tokens; from
/// Claude Opus 4.7 and Claude 5 on 2,576 pixels and 4,784 tokens; 1,920 × 1,080 is shrunk to 1,456 × 819 and 1,560 tokens). Until 2026 the page said
/// width × height / 750, which is 4.5 % more for large pictures. "PDF support": 1,500 to 3,000 tokens for a page's text and the price of its picture, of which
/// neither size nor share is published; 3,000 are taken for both. "Tool use", section "Pricing": the system text once a request has tools.
/// </remarks>
/// <param name="isHighResolution">Whether the model takes pictures of 2,576 pixels.</param>
/// <param name="tokensForTools">What the system text for tools has.</param>
internal sealed class AnthropicFormula(bool isHighResolution, int tokensForTools) : MediaFormula
{
    private const int Square = 28;

    private readonly int _maxSide = isHighResolution ? 2_576 : 1_568;
    private readonly int _maxTokens = isHighResolution ? 4_784 : 1_568;

    public override int TokensPerPage => 3_000;

    public override int TokensForTools => tokensForTools;

    public override int Image(PixelSize? size, ImageDetail detail)
    {
        if (size is not { } pixels)
            return _maxTokens;
        // The largest long side that fits: one pixel more is never fewer squares.
        var (fits, tooLong) = (0, Math.Min(pixels.LongSide, _maxSide) + 1);
        while (tooLong - fits > 1)
        {
            var side = fits + ((tooLong - fits) / 2);
            if (Tokens(pixels, side) <= _maxTokens)
                fits = side;
            else
                tooLong = side;
        }

        return (int)Math.Min(_maxTokens, Tokens(pixels, Math.Max(fits, 1)));
    }

    private static long Tokens(PixelSize size, int longSide)
    {
        var shortSide = Math.Max(1, Math.Round(size.ShortSide * (longSide / (double)size.LongSide)));
        return new PixelSize(longSide, (int)shortSide).Squares(Square);
    }
}

namespace TokenBudget.Counting.Media;

/// <summary>
/// Anthropic's rule: width × height / 750, after a picture whose long side or cost is over the model's limit has been shrunk to it.
/// </summary>
/// <remarks>
/// Sources: Anthropic, "Vision", section "Calculate image costs" (1,568 pixels and about 1,600 tokens; from Claude Opus 4.7 and Claude 5 on 2,576 pixels
/// and 4,784 tokens); "PDF support" (1,500 to 3,000 tokens a page: the upper end is taken); "Tool use", section "Pricing" (346 tokens of
/// system text once a request has tools). Measured counts of the newer models follow squares of 28 pixels, 784 for 750; the published rule is 4.5 % above.
/// </remarks>
/// <param name="isHighResolution">Whether the model takes pictures of 2,576 pixels.</param>
internal sealed class AnthropicFormula(bool isHighResolution) : MediaFormula
{
    private const double PixelsPerToken = 750;

    private readonly int _maxSide = isHighResolution ? 2_576 : 1_568;
    private readonly int _maxTokens = isHighResolution ? 4_784 : 1_600;

    public override int TokensPerPage => 3_000;

    public override int TokensForTools => 346;

    public override int Image(PixelSize? size, bool isLowDetail)
    {
        if (size is not { } pixels)
            return _maxTokens;
        var scale = Math.Min(1, _maxSide / (double)pixels.LongSide);
        return (int)Math.Min(_maxTokens, Math.Ceiling(pixels.Width * scale * pixels.Height * scale / PixelsPerToken));
    }
}

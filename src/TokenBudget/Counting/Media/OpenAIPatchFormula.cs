namespace TokenBudget.Counting.Media;

/// <summary>
/// OpenAI's patch rule: one token for each square of 32 pixels begun, times the model's multiplier. A picture with more patches or a longer side than
/// the detail allows is shrunk first; low detail is a picture of 512 pixels.
/// </summary>
/// <remarks>
/// Source: OpenAI, "Images and vision", sections "Model sizing behavior" and "Calculating costs" (developers.openai.com/api/docs/guides/images-vision), read in
/// copies of March to October 2026. Its examples before the multiplier: 1,024 × 1,024 is 1,024; 1,800 × 2,400 is shrunk and is 1,452.
/// </remarks>
/// <param name="multiplier">The model's multiplier.</param>
/// <param name="automatic">What is allowed when nothing is asked for.</param>
/// <param name="high">What high detail allows.</param>
/// <param name="original">What original detail allows.</param>
internal sealed class OpenAIPatchFormula(double multiplier, PatchBudget automatic, PatchBudget high, PatchBudget original) : MediaFormula
{
    private const int Patch = 32;
    private const int LowSide = 512;
    private const int PatchesPerPage = 26 * 33;
    private const int TextPerPage = 700;

    // Twelve megapixels, 4,000 × 3,000: what a picture nobody has seen is taken for where the model would take far more.
    private const int PatchesOfPhotograph = 125 * 94;

    /// <summary>A model that knows no detail beyond high.</summary>
    public OpenAIPatchFormula(double multiplier)
        : this(multiplier, PatchBudget.Small, PatchBudget.Small, PatchBudget.Small)
    {
    }

    // A letter page of 816 × 1,056 pixels and its text.
    public override int TokensPerPage => Tokens(PatchesPerPage) + TextPerPage;

    public override int Image(PixelSize? size, ImageDetail detail)
    {
        var budget = detail switch
        {
            ImageDetail.Low => new PatchBudget(LowSide / Patch * (LowSide / Patch), LowSide),
            ImageDetail.High => high,
            ImageDetail.Original => original,
            _ => automatic,
        };
        return Tokens(size is { } pixels ? Patches(pixels, budget) : Math.Min(budget.Patches, PatchesOfPhotograph));
    }

    private static long Patches(PixelSize size, PatchBudget budget)
    {
        var fit = Math.Min(1, budget.MaxSide / (double)size.LongSide);
        var patches = size.Squares(Patch, fit);
        if (patches <= budget.Patches)
            return patches;
        // The published shrinking: down to the area of the most patches, then a little more, so that one side is a whole number of patches.
        var shrink = Math.Sqrt((double)Patch * Patch * budget.Patches / ((double)size.Width * size.Height));
        var across = size.Width * shrink / Patch;
        var down = size.Height * shrink / Patch;
        shrink *= Math.Min(Whole(across), Whole(down));
        return Math.Min(budget.Patches, size.Squares(Patch, Math.Min(fit, shrink)));

        static double Whole(double patches) => patches < 1 ? 1 : Math.Floor(patches) / patches;
    }

    private int Tokens(long patches) => (int)Math.Ceiling((patches * multiplier) - 1e-9);
}

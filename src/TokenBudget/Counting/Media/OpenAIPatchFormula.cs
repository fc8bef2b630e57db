namespace TokenBudget.Counting.Media;

/// <summary>
/// OpenAI's patch rule: one token for each square of 32 pixels begun, at most 1,536 of them, times the model's multiplier. A larger picture is
/// shrunk until its patches fit. The detail does not matter.
/// </summary>
/// <remarks>
/// Source: OpenAI, "Images and vision", section "Calculating costs" (platform.openai.com/docs/guides/images-vision). Its examples before the multiplier:
/// 1,024 × 1,024 is 1,024; 1,800 × 2,400 is shrunk and is 1,452.
/// </remarks>
/// <param name="multiplier">The model's multiplier.</param>
internal sealed class OpenAIPatchFormula(double multiplier) : MediaFormula
{
    private const int Patch = 32;
    private const int MostPatches = 1_536;
    private const int PatchesPerPage = 26 * 33;
    private const int TextPerPage = 700;

    // A letter page of 816 × 1,056 pixels and its text.
    public override int TokensPerPage => Tokens(PatchesPerPage) + TextPerPage;

    public override int Image(PixelSize? size, bool isLowDetail) => Tokens(size is { } pixels ? Patches(pixels) : MostPatches);

    private static long Patches(PixelSize size)
    {
        var patches = size.Squares(Patch);
        if (patches <= MostPatches)
            return patches;
        // The published shrinking: down to the area of the most patches, then a little more, so that one side is a whole number of patches.
        var shrink = Math.Sqrt((double)Patch * Patch * MostPatches / ((double)size.Width * size.Height));
        var across = size.Width * shrink / Patch;
        var down = size.Height * shrink / Patch;
        shrink *= Math.Min(Whole(across), Whole(down));
        return Math.Min(MostPatches, size.Squares(Patch, shrink));

        static double Whole(double patches) => patches < 1 ? 1 : Math.Floor(patches) / patches;
    }

    private int Tokens(long patches) => (int)Math.Ceiling((patches * multiplier) - 1e-9);
}

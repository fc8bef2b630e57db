namespace TokenBudget.Counting.Media;

/// <summary>How much of a picture OpenAI's patch models look at.</summary>
/// <param name="Patches">The most squares of 32 pixels.</param>
/// <param name="MaxSide">The longest side in pixels.</param>
internal readonly record struct PatchBudget(int Patches, int MaxSide)
{
    public static readonly PatchBudget Small = new(1_536, 2_048);
    public static readonly PatchBudget High = new(2_500, 2_048);
    public static readonly PatchBudget Original = new(10_000, 6_000);

    /// <summary>Nothing is shrunk; what has more patches is refused.</summary>
    public static readonly PatchBudget Unshrunk = new(30_000, 65_535);
}

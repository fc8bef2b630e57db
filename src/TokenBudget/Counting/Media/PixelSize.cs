namespace TokenBudget.Counting.Media;

/// <summary>The size of a picture in pixels, both sides 1 or more.</summary>
internal readonly record struct PixelSize(int Width, int Height)
{
    public int LongSide => Math.Max(Width, Height);

    public int ShortSide => Math.Min(Width, Height);

    /// <summary>The number of squares that cover a picture of this size after scaling it, never up.</summary>
    public long Squares(int side, double scale = 1)
    {
        scale = Math.Min(1, scale);
        return Cover(Width * scale, side) * Cover(Height * scale, side);
    }

    // Scaling by a computed factor must not turn 1,024 into 1,024.0000001 and so into one more square.
    private static long Cover(double length, int side) => Math.Max(1, (long)Math.Ceiling((length / side) - 1e-9));
}

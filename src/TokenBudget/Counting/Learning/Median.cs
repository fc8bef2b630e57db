namespace TokenBudget.Counting.Learning;

/// <summary>The middle of three: what one of them says has no weight, however far off it is.</summary>
internal static class Median
{
    public static double Of(double first, double second, double third) =>
        Math.Max(Math.Min(first, second), Math.Min(Math.Max(first, second), third));
}

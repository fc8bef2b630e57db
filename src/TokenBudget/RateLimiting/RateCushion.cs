using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>
/// Room that is kept beside what is held, for requests that use more than was expected of them: the root of the sum of the squares of what each open one may use more.
/// </summary>
/// <remarks>
/// With one open request that is all it may use more, so that nothing can go wrong. With n alike it is enough for √n of them at once to use everything; where one in a hundred does,
/// more of 2, 4, 16 and 100 do so once in 10 thousand, 250 thousand, 2.5 million and 160 million times. Not thread-safe: its owner holds a lock.
/// </remarks>
internal sealed class RateCushion
{
    private Vector256<double> _squares;

    public Vector256<long> Value { get; private set; }

    /// <summary>What it would be with another one.</summary>
    public Vector256<long> With(Vector256<long> gap) =>
        gap == Vector256<long>.Zero ? Value : Root(_squares + Square(gap));

    public void Add(Vector256<long> gap)
    {
        if (gap == Vector256<long>.Zero)
            return;
        _squares += Square(gap);
        Value = Root(_squares);
    }

    /// <param name="gap">Of one that was added.</param>
    /// <param name="isLast">Whether none is left, so that what rounding left over goes.</param>
    public void Remove(Vector256<long> gap, bool isLast)
    {
        if (Value == Vector256<long>.Zero)
            return;
        _squares = isLast ? default : Vector256.Max(_squares - Square(gap), Vector256<double>.Zero);
        Value = Root(_squares);
    }

    private static Vector256<double> Square(Vector256<long> gap)
    {
        var exact = Vector256.ConvertToDouble(gap);
        return exact * exact;
    }

    private static Vector256<long> Root(Vector256<double> squares) => Vector256.ConvertToInt64(Vector256.Ceiling(Vector256.Sqrt(squares)));
}

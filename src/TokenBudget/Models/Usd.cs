using System.Globalization;

namespace TokenBudget.Models;

/// <summary>An exact amount of US dollars, in pico-dollars (10⁻¹² $), fine enough that tokens × price is an integer for every price in the catalogue.</summary>
/// <remarks>Range: about ±9.2 million dollars; arithmetic beyond it throws <see cref="OverflowException"/> instead of wrapping.</remarks>
/// <param name="PicoDollars">The amount in pico-dollars.</param>
public readonly record struct Usd(long PicoDollars) : IComparable<Usd>
{
    /// <summary>Pico-dollars in one dollar.</summary>
    public const long PicoDollarsPerDollar = 1_000_000_000_000;

    /// <summary>Nothing.</summary>
    public static Usd Zero => default;

    /// <summary>The largest amount that can be held.</summary>
    public static Usd MaxValue => new(long.MaxValue);

    /// <summary>The amount in dollars, exactly.</summary>
    public decimal Dollars => (decimal)PicoDollars / PicoDollarsPerDollar;

    /// <summary>An amount given in dollars; digits beyond the twelfth are rounded to the nearest, halves away from zero.</summary>
    /// <param name="dollars">The dollars.</param>
    /// <exception cref="OverflowException">The amount is beyond the range.</exception>
    public static Usd FromDollars(decimal dollars) =>
        Math.Abs(dollars) <= MaxValue.Dollars
            ? new(decimal.ToInt64(decimal.Round(dollars * PicoDollarsPerDollar, MidpointRounding.AwayFromZero)))
            : throw new OverflowException(string.Create(
                CultureInfo.InvariantCulture, $"${dollars} cannot be held: amounts are exact to 10⁻¹² $ and lie between -${MaxValue.Dollars} and ${MaxValue.Dollars}."));

    /// <summary>The sum.</summary>
    public static Usd operator +(Usd left, Usd right) => new(checked(left.PicoDollars + right.PicoDollars));

    /// <summary>The difference.</summary>
    public static Usd operator -(Usd left, Usd right) => new(checked(left.PicoDollars - right.PicoDollars));

    /// <summary>Whether the left amount is smaller.</summary>
    public static bool operator <(Usd left, Usd right) => left.PicoDollars < right.PicoDollars;

    /// <summary>Whether the left amount is larger.</summary>
    public static bool operator >(Usd left, Usd right) => left.PicoDollars > right.PicoDollars;

    /// <summary>Whether the left amount is not larger.</summary>
    public static bool operator <=(Usd left, Usd right) => left.PicoDollars <= right.PicoDollars;

    /// <summary>Whether the left amount is not smaller.</summary>
    public static bool operator >=(Usd left, Usd right) => left.PicoDollars >= right.PicoDollars;

    /// <inheritdoc/>
    public int CompareTo(Usd other) => PicoDollars.CompareTo(other.PicoDollars);

    /// <summary>The amount with a dollar sign and at least two, at most twelve decimals, for example <c>$0.0675</c>.</summary>
    public override string ToString() =>
        (PicoDollars < 0 ? "-$" : "$") + Math.Abs(Dollars).ToString("0.00##########", CultureInfo.InvariantCulture);
}

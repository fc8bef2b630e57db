namespace TokenBudget.Counting.Media;

/// <summary>What a provider charges for pictures and documents, in its own tokens.</summary>
internal abstract class MediaFormula
{
    /// <summary>The tokens of a picture.</summary>
    /// <param name="size">Its size; none when it cannot be read, for example behind an address: the most the provider charges for one.</param>
    /// <param name="detail">What the caller asked for.</param>
    public abstract int Image(PixelSize? size, ImageDetail detail);

    /// <summary>The tokens of one page of a PDF.</summary>
    public abstract int TokensPerPage { get; }

    /// <summary>What the provider adds to a request that has tools.</summary>
    public virtual int TokensForTools => 0;
}

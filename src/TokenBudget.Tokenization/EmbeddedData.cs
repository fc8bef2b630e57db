using System.IO.Compression;

namespace TokenBudget.Tokenization;

/// <summary>Reads the data files of <c>Data/</c>, which are raw deflate streams embedded in this assembly.</summary>
/// <remarks>
/// The resource names are fixed, not derived from the assembly: the source generator links these sources and embeds the same files,
/// so "this assembly" is another one there.
/// </remarks>
internal static class EmbeddedData
{
    public const string Prefix = "TokenBudget.Tokenization.";

    /// <summary>The inflated content of one data file.</summary>
    /// <param name="file">The file's name in <c>Data/</c>, such as <c>o200k_base.bin</c>.</param>
    public static byte[] Read(string file)
    {
        using var resource = typeof(EmbeddedData).Assembly.GetManifestResourceStream(Prefix + file)
            ?? throw new InvalidOperationException(
                $"The resource '{Prefix}{file}' is not embedded in '{typeof(EmbeddedData).Assembly.GetName().Name}'. "
                + "Whoever links these sources must also embed the files of Data/ under their logical names.");
        return Inflate(resource);
    }

    /// <summary>Inflates a raw deflate stream to its end.</summary>
    public static byte[] Inflate(Stream compressed)
    {
        using var inflater = new DeflateStream(compressed, CompressionMode.Decompress);
        using var inflated = new MemoryStream();
        inflater.CopyTo(inflated);
        return inflated.ToArray();
    }
}

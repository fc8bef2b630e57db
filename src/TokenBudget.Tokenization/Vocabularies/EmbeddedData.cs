namespace TokenBudget.Tokenization;

/// <summary>Finds the data files of <c>Data/</c>, which are embedded in this assembly as they are.</summary>
/// <remarks>
/// They are not compressed: a package is, and inflating would take longer than everything else before the first count.
/// The resource names are fixed, not derived from the assembly: the source generator links these sources and embeds the same files,
/// so "this assembly" is another one there.
/// </remarks>
internal static unsafe class EmbeddedData
{
    public const string Prefix = "TokenBudget.Tokenization.";

    /// <summary>One data file in memory, where it stays for as long as this assembly is loaded.</summary>
    /// <param name="file">The file's name in <c>Data/</c>, such as <c>o200k_base.bin</c>.</param>
    /// <param name="length">Its length in bytes.</param>
    public static byte* Locate(string file, out int length)
    {
        var resource = typeof(EmbeddedData).Assembly.GetManifestResourceStream(Prefix + file) ?? throw Missing(file);
        length = checked((int)resource.Length);

        // The runtimes map an assembly into memory and answer with a view of it: nothing is read and nothing copied.
        return resource is UnmanagedMemoryStream mapped ? mapped.PositionPointer : Copy(resource, length, file);
    }

    private static byte* Copy(Stream resource, int length, string file)
    {
        var bytes = new byte[length];
        for (int at = 0, read; at < length; at += read)
            if ((read = resource.Read(bytes, at, length - at)) == 0)
                throw new InvalidDataException($"The resource '{Prefix}{file}' ends early.");
        var copy = NativeMemory.Allocate(length);
        for (var i = 0; i < length; i++)
            copy[i] = bytes[i];
        return copy;
    }

    private static InvalidOperationException Missing(string file) =>
        new($"The resource '{Prefix}{file}' is not embedded in '{typeof(EmbeddedData).Assembly.GetName().Name}'. "
            + "Whoever links these sources must also embed the files of Data/ under their logical names.");
}

namespace TokenBudget.Counting.Media;

/// <summary>Finds out how many pages a PDF has, without a parser.</summary>
internal static class PdfPages
{
    /// <summary>What a page takes of a file whose page objects are compressed and cannot be seen.</summary>
    public const int BytesPerHiddenPage = 50_000;

    /// <summary>The page objects of the file (ISO 32000: <c>/Type /Page</c>) or, where none can be seen, one for every 50,000 bytes begun.</summary>
    public static int Count(ReadOnlySpan<byte> data)
    {
        var pages = 0;
        var rest = data;
        while (rest.IndexOf("/Type"u8) is >= 0 and var at)
        {
            rest = rest[(at + "/Type"u8.Length)..];
            var value = rest.TrimStart(" \r\n\t"u8);
            // "/Pages" is a node of the page tree, not a page.
            if (value.StartsWith("/Page"u8) && (value.Length == 5 || !char.IsAsciiLetterOrDigit((char)value[5])))
                pages++;
        }

        return pages > 0 ? pages : OfSize(data.Length);
    }

    /// <summary>The pages of a file of which only the size is known.</summary>
    public static int OfSize(long bytes) => (int)Math.Clamp((bytes + BytesPerHiddenPage - 1) / BytesPerHiddenPage, 1, 1_000);
}

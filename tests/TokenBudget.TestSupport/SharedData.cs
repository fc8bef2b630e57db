namespace TokenBudget.TestSupport;

/// <summary>Finds the recorded data that lies beside a checkout, in <c>../shared/data</c>. It is not part of the repository.</summary>
public static class SharedData
{
    /// <summary>The printed reason of a test that is skipped for want of the data.</summary>
    public const string Missing = "needs the recorded data in ../shared/data, which is not beside this checkout";

    private static readonly string? Root = Find();

    /// <summary>Whether the data is there.</summary>
    public static bool Exists => Root is not null;

    /// <summary>The full path of a file of the data.</summary>
    /// <param name="relative">Path inside <c>shared/data</c>, with forward slashes.</param>
    public static string File(string relative) =>
        Path.Combine(Root ?? throw new InvalidOperationException(Missing), relative);

    private static string? Find()
    {
        var root = Repository.Root;
        var beside = Path.Combine(Path.GetDirectoryName(root)!, "shared", "data");
        return Directory.Exists(beside) ? beside : null;
    }
}

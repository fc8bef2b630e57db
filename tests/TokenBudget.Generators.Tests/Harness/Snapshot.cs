using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>
/// Compares text with <c>Snapshots/&lt;Class&gt;.&lt;Test&gt;.verified.cs</c>. On a difference the text is left beside it as
/// <c>.received.cs</c>: look at it, and if it is right, rename it.
/// </summary>
internal static partial class Snapshot
{
    public static void ShouldMatch(string text, [CallerFilePath] string file = "", [CallerMemberName] string test = "")
    {
        var folder = Repository.PathOf("tests/TokenBudget.Generators.Tests/Snapshots");
        var name = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(file)}.{test}");
        var scrubbed = Version().Replace(text, "$1{Version}$2");
        var verified = File.Exists(name + ".verified.cs") ? File.ReadAllText(name + ".verified.cs") : "";
        if (scrubbed == verified)
        {
            File.Delete(name + ".received.cs");
            return;
        }

        File.WriteAllText(name + ".received.cs", scrubbed);
        var lines = scrubbed.Split('\n').Zip(verified.Split('\n').Append("(end)")).Index();
        var (number, (received, expected)) = lines.FirstOrDefault(line => line.Item.First != line.Item.Second);
        Assert.Fail($"{name}.received.cs differs from the verified snapshot in line {number + 1}:\n  {received}\nwas verified as\n  {expected}");
    }

    [GeneratedRegex("""(GeneratedCode\("TokenBudget\.Generators", ")[^"]*("\))""")]
    private static partial Regex Version();
}

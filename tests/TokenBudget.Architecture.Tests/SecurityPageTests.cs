using System.Text.RegularExpressions;

namespace TokenBudget.Architecture.Tests;

/// <summary>The security page names a test for each of its promises; the test is there.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public void Every_test_it_names_exists()
    {
        var classes = TrackedFiles.All.Where(static file => file.StartsWith("tests/", StringComparison.Ordinal) && file.EndsWith("Tests.cs", StringComparison.Ordinal))
            .ToLookup(static file => Path.GetFileNameWithoutExtension(file));
        var named = Named().Matches(TrackedFiles.TextOf("docs/security.md")!).Select(static match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).Distinct().ToList();

        named.Count.ShouldBeGreaterThan(20);
        named.Where(test => !classes[test.Class].Any(file => test.Method.Length == 0 || TrackedFiles.TextOf(file)!.Contains($" {test.Method}(", StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [GeneratedRegex("`(\\w+Tests)(?:\\.(\\w+))?`")]
    private static partial Regex Named();
}

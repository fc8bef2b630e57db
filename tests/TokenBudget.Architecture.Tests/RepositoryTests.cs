using System.Text.RegularExpressions;

namespace TokenBudget.Architecture.Tests;

public sealed partial class RepositoryTests
{
    // Taken apart, so that this file does not hold what it looks for.
    private static readonly string[] RegistryHosts =
    [
        .. from host in (string[])["nuget|.org", "npmjs|.org", "npmjs|.com", "pypi|.org", "pythonhosted|.org", "crates|.io", "yarnpkg|.com", "proxy.golang|.org", "pkgs.dev.azure|.com", "registry-1.docker|.io"]
           select host.Replace("|", "", StringComparison.Ordinal),
    ];

    [Fact]
    public void Folders_at_the_top_are_few()
    {
        var folders = TrackedFiles.All.Where(static file => file.Contains('/', StringComparison.Ordinal)).Select(static file => file.Split('/')[0]).Distinct();

        folders.Where(static folder => folder[0] != '.').Except(["src", "tests", "samples", "docs"]).ShouldBeEmpty();
    }

    [Fact]
    public void No_file_names_a_registry_or_a_home()
    {
        TrackedFiles.All.Count.ShouldBeGreaterThan(100);
        var found = from file in TrackedFiles.All
                    let text = TrackedFiles.TextOf(file)
                    where text is not null
                    from what in RegistryHosts.Where(host => text.Contains(host, StringComparison.OrdinalIgnoreCase)).Concat(Homes().Matches(text).Select(static match => match.Value))
                    select $"{file}: {what}";

        found.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("see /ho|me/ann/notes")]
    [InlineData("in /Us|ers/ann/src")]
    [InlineData("in C:\\Us|ers\\ann")]
    [InlineData("\"/ro|ot/x\"")]
    public void A_home_is_recognised(string text) => Homes().IsMatch(text.Replace("|", "", StringComparison.Ordinal)).ShouldBeTrue();

    [GeneratedRegex("""(?<![\w.])(/(home|Users)/\w+|/roo[t]/|[A-Za-z]:\\+Users\\+\w+)""")]
    private static partial Regex Homes();
}

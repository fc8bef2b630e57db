namespace TokenBudget.Architecture.Tests;

/// <summary>Which project may reference what, with the reason. Anything else fails, and so does a line here that nothing needs any more.</summary>
public sealed class ProjectArrowsTests
{
    private const string Lines = """
        TokenBudget | project | TokenBudget.Tokenization | counts tokens
        TokenBudget | project | TokenBudget.Generators | packed as an analyzer, not referenced
        TokenBudget | project | TokenBudget.CodeFixes | packed as an analyzer, not referenced
        TokenBudget | package | Microsoft.Extensions.AI.Abstractions | IChatClient is what is budgeted
        TokenBudget | package | Microsoft.Extensions.Caching.Abstractions | the second level of the response cache
        TokenBudget | package | Microsoft.Extensions.Configuration.Abstractions | settings are bound by hand, so the binder is not needed
        TokenBudget | package | Microsoft.Extensions.DependencyInjection.Abstractions | AddTokenBudget
        TokenBudget | package | Microsoft.Extensions.Logging.Abstractions | effective policies and alerts are logged
        TokenBudget | package | Microsoft.Extensions.Options | options of the host
        TokenBudget | package | System.Numerics.Tensors | compares embeddings of questions
        TokenBudget | package | System.Threading.RateLimiting | the limiter is a RateLimiter
        TokenBudget.Sqlite | project | TokenBudget | implements its contracts
        TokenBudget.Sqlite | package | Microsoft.Data.Sqlite.Core | the store
        TokenBudget.Sqlite | package | SQLitePCLRaw.bundle_e_sqlite3 | the native library
        TokenBudget.Sqlite | source | TokenBudget/Conversations/StoreArguments.cs | every store refuses the same arguments alike
        TokenBudget.Sqlite | source | TokenBudget/Sharing/ShareBook.cs | shares are lent by one rule
        TokenBudget.Sqlite | source | TokenBudget/Sharing/ShareRow.cs | shares are lent by one rule
        TokenBudget.PostgreSql | project | TokenBudget | implements its contracts
        TokenBudget.PostgreSql | package | Npgsql | the store
        TokenBudget.PostgreSql | source | TokenBudget/Conversations/StoreArguments.cs | every store refuses the same arguments alike
        TokenBudget.PostgreSql | source | TokenBudget/Sharing/AbandonedWork.cs | to cancel may block, and nobody is to wait for that
        TokenBudget.PostgreSql | source | TokenBudget.Sqlite/Relational/*.cs | SQL both stores share without referencing each other
        TokenBudget.AspNetCore | project | TokenBudget | shows its numbers
        TokenBudget.AspNetCore | framework | Microsoft.AspNetCore.App | endpoints
        TokenBudget.Testing | framework | Microsoft.AspNetCore.App | simulates a provider over HTTP
        TokenBudget.Cli | project | TokenBudget | counts and replays
        TokenBudget.Cli | project | TokenBudget.Sqlite | reports from a ledger
        TokenBudget.Cli | project | TokenBudget.PostgreSql | reports from a ledger
        TokenBudget.Cli | project | TokenBudget.Testing | plays a provider in a process of its own
        TokenBudget.Cli | package | System.CommandLine | commands
        TokenBudget.Cli | package | Spectre.Console | tables
        TokenBudget.Cli | source | TokenBudget.Generators/Contracts/Locking/*.cs | a lock file is compared by one rule, in the build and by the tool
        TokenBudget.Cli | source | TokenBudget.Generators/Contracts/Json*.cs | a lock file is read by one reader
        TokenBudget.Generators | package | Microsoft.CodeAnalysis.CSharp | the compiler, at its lowest supported version
        TokenBudget.Generators | package | Microsoft.CodeAnalysis.Analyzers | rules for analyzers
        TokenBudget.Generators | source | TokenBudget.Tokenization/**/*.cs | counts at build; the compiler is handed one dll
        TokenBudget.Generators | source | TokenBudget/Configuration/DefaultLimits.cs | says at build what holds where nobody speaks
        TokenBudget.CodeFixes | package | Microsoft.CodeAnalysis.CSharp.Workspaces | code fixes live in the editor
        TokenBudget.CodeFixes | package | Microsoft.CodeAnalysis.Analyzers | rules for analyzers
        TokenBudget.CodeFixes | source | TokenBudget.Generators/Diagnostics/DiagnosticIds.cs | the ids it fixes
        TokenBudget.CodeFixes | source | TokenBudget.Generators/Contracts/Locking/*.cs | writes a lock file as the tool does
        TokenBudget.CodeFixes | source | TokenBudget.Generators/Contracts/Json*.cs | reads it as the rules do
        TokenBudget.CodeFixes | source | TokenBudget.Generators/Polyfills/*.cs | the language's types, for the old framework
        """;

    private static readonly HashSet<string> Allowed =
        [.. Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line[..line.LastIndexOf(" | ", StringComparison.Ordinal)])];

    [Fact]
    public void Projects_reference_what_the_table_allows_and_nothing_else()
    {
        var found = ProjectFile.All
            .SelectMany(static project => project.Arrows.Select(arrow => $"{project.Name} | {arrow.Kind} | {arrow.Target}"))
            .ToHashSet(StringComparer.Ordinal);

        found.Count.ShouldBeGreaterThan(20);
        found.Except(Allowed).ShouldBeEmpty("These arrows are not in the design.");
        Allowed.Except(found).ShouldBeEmpty("These lines of the table are not needed.");
    }

    [Fact]
    public void Analyzers_are_packed_with_the_runtime_and_never_referenced_by_it()
    {
        var runtime = ProjectFile.All.Single(static project => project.Name == "TokenBudget");
        foreach (var reference in System.Xml.Linq.XDocument.Load(runtime.Path).Descendants("ProjectReference"))
        {
            if (reference.Attribute("Include")!.Value.Contains("Tokenization", StringComparison.Ordinal))
                continue;
            ((string?)reference.Attribute("ReferenceOutputAssembly")).ShouldBe("false");
            ((string?)reference.Attribute("PrivateAssets")).ShouldBe("all");
        }
    }

    [Fact]
    public void Nothing_but_its_own_tests_references_a_sample()
    {
        var samples = Directory.EnumerateDirectories(Repository.PathOf("samples")).Select(static path => Path.GetFileName(path) + ".Tests.csproj").ToHashSet();
        var references = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}.artifacts{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(path => !samples.Contains(Path.GetFileName(path)))
            .SelectMany(static path => System.Xml.Linq.XDocument.Load(path).Descendants("ProjectReference"))
            .Select(static reference => reference.Attribute("Include")!.Value);

        references.ShouldAllBe(static target => !target.Contains("samples", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Common_build_files_add_no_reference_to_what_ships()
    {
        foreach (var file in (string[])["Directory.Build.props", "src/Directory.Build.props", "src/Directory.Build.targets"])
        {
            var items = System.Xml.Linq.XDocument.Load(Repository.PathOf(file)).Descendants().Select(static element => element.Name.LocalName);
            items.Intersect(["ProjectReference", "PackageReference", "FrameworkReference", "Reference"]).ShouldBeEmpty(file);
        }
    }
}

using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace TokenBudget.Package.Tests;

/// <summary>What is in the packages.</summary>
[Collection(PackageCollection.Name)]
public sealed class ContentTests(PackedFeed feed)
{
    private const string Slot = "analyzers/dotnet/roslyn4.14/cs/";

    [Fact]
    public void The_package_holds_runtime_analyzers_build_file_and_papers_and_nothing_else()
    {
        using var package = feed.Open("TokenBudget");
        string[] expected =
        [
            "TokenBudget.nuspec",
            "THIRD-PARTY-NOTICES.md",
            "icon.png",
            Slot + "TokenBudget.CodeFixes.dll",
            Slot + "TokenBudget.Generators.dll",
            "buildTransitive/TokenBudget.None.globalconfig",
            "buildTransitive/TokenBudget.Strict.globalconfig",
            "buildTransitive/TokenBudget.targets",
            "lib/net10.0/TokenBudget.dll",
            "lib/net10.0/TokenBudget.xml",
            .. File.Exists(Repository.PathOf("README.md")) ? (string[])["README.md"] : [],
        ];

        Contents(package).ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public void The_tokenizer_is_a_package_of_its_own_for_both_frameworks()
    {
        using var package = feed.Open("TokenBudget.Tokenization");

        Contents(package).ShouldBe(
            [
                "TokenBudget.Tokenization.nuspec",
                "THIRD-PARTY-NOTICES.md",
                "lib/net10.0/TokenBudget.Tokenization.dll",
                "lib/net10.0/TokenBudget.Tokenization.xml",
                "lib/netstandard2.0/TokenBudget.Tokenization.dll",
                "lib/netstandard2.0/TokenBudget.Tokenization.xml",
            ],
            ignoreOrder: true);
        Dependencies(package).ShouldAllBe(static dependency => !dependency.Id.StartsWith("TokenBudget", StringComparison.Ordinal));
    }

    [Fact]
    public void A_user_depends_on_abstractions_and_the_tokenizer_and_never_on_the_compiler()
    {
        using var package = feed.Open("TokenBudget");
        var dependencies = Dependencies(package);

        dependencies.ShouldContain(("TokenBudget.Tokenization", feed.Version));
        dependencies.Select(static dependency => dependency.Id).ShouldAllBe(static id =>
            id == "TokenBudget.Tokenization" || id == "System.Threading.RateLimiting" || id == "System.Numerics.Tensors" || id == "Microsoft.Extensions.Options"
            || (id.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && id.EndsWith(".Abstractions", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("lib/net10.0/TokenBudget.dll")]
    [InlineData(Slot + "TokenBudget.Generators.dll")]
    [InlineData(Slot + "TokenBudget.CodeFixes.dll")]
    public void Every_dll_is_deterministic_and_carries_its_symbols_without_a_path_of_the_machine(string path)
    {
        using var package = feed.Open("TokenBudget");
        using var image = Read(package, path);
        var entries = image.ReadDebugDirectory();
        entries.ShouldContain(static entry => entry.Type == DebugDirectoryEntryType.Reproducible);
        var embedded = entries.Single(static entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using var symbols = image.ReadEmbeddedPortablePdbDebugDirectoryData(embedded);
        var reader = symbols.GetMetadataReader();
        var documents = reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name)).ToList();
        documents.ShouldNotBeEmpty();
        documents.ShouldAllBe(static document => document.StartsWith("/_/", StringComparison.Ordinal) || document.StartsWith("/_1/", StringComparison.Ordinal) || !Path.IsPathRooted(document));
    }

    [Fact]
    public void The_nuspec_names_licence_readme_and_icon()
    {
        using var package = feed.Open("TokenBudget");
        using var nuspec = package.GetEntry("TokenBudget.nuspec")!.Open();
        var text = XDocument.Load(nuspec).Descendants().ToLookup(static element => element.Name.LocalName, static element => element.Value);
        text["license"].ShouldBe(["MIT"]);
        text["icon"].ShouldBe(["icon.png"]);
        text["readme"].ShouldBe(["README.md"]);
        text["description"].Single().ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("TokenBudget.Generators.dll")]
    [InlineData("TokenBudget.CodeFixes.dll")]
    public void What_runs_in_the_compiler_needs_nothing_newer_than_its_slot_and_nothing_beside_it(string dll)
    {
        using var package = feed.Open("TokenBudget");
        using var image = Read(package, Slot + dll);
        var metadata = image.GetMetadataReader();
        var references = metadata.AssemblyReferences
            .Select(metadata.GetAssemblyReference)
            .Select(reference => (Name: metadata.GetString(reference.Name), reference.Version))
            .ToList();

        references.ShouldContain(static reference => reference.Name == "netstandard");
        foreach (var (name, version) in references)
        {
            if (name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal))
                version.ShouldBeLessThanOrEqualTo(new Version(4, 14, 0, 0), name);
            else
                (name == "netstandard" || name.StartsWith("System.", StringComparison.Ordinal)).ShouldBeTrue($"{dll} needs {name}, which the compiler is not handed.");
        }
    }

    private static PEReader Read(ZipArchive package, string path)
    {
        var bytes = new MemoryStream();
        using (var content = package.GetEntry(path)!.Open())
            content.CopyTo(bytes);
        bytes.Position = 0;
        return new PEReader(bytes);
    }

    private static List<string> Contents(ZipArchive package) =>
    [
        .. package.Entries.Select(static entry => entry.FullName)
            // The container's own parts.
            .Where(static name => name != "[Content_Types].xml" && !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal)),
    ];

    private static List<(string Id, string Version)> Dependencies(ZipArchive package)
    {
        using var nuspec = package.Entries.Single(static entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return
        [
            .. XDocument.Load(nuspec).Descendants()
                .Where(static element => element.Name.LocalName == "dependency")
                .Select(static element => (element.Attribute("id")!.Value, element.Attribute("version")!.Value)),
        ];
    }
}
